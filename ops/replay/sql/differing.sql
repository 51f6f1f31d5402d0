-- Decisions that differ, by what was said then and now, with up to twenty names; a span of time by when they were decided.
SELECT then_reason, now_reason, count(*), (array_agg(copy_order_id ORDER BY part, place, copy_order_id))[1:20]
  FROM shadow.decisions
 WHERE run = %(run)s AND differ <> '{}' AND decided_at >= %(since)s
 GROUP BY then_reason, now_reason ORDER BY count(*) DESC, then_reason, now_reason
