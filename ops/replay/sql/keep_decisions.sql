INSERT INTO shadow.decisions (run, part, place, copy_order_id, allocation_id, leader, then_reason, now_reason, then_decided,
                              now_decided, checks, differ, decided_at)
SELECT %(run)s, part, place, copy_order_id, allocation_id, leader, then_reason, now_reason, then_decided::jsonb,
       now_decided::jsonb, checks::jsonb, string_to_array(differ, ','), decided_at
  FROM unnest(%(parts)s::integer[], %(places)s::bigint[], %(copy_order_ids)s::text[], %(allocation_ids)s::text[],
              %(leaders)s::text[], %(then_reasons)s::text[], %(now_reasons)s::text[], %(then_decided)s::text[],
              %(now_decided)s::text[], %(checks)s::text[], %(differ)s::text[], %(decided_at)s::timestamptz[])
       AS a(part, place, copy_order_id, allocation_id, leader, then_reason, now_reason, then_decided, now_decided, checks,
            differ, decided_at)
