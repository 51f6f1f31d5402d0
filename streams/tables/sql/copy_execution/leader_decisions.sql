INSERT INTO leader_decisions (leader, number, trade_id, kind, side, traded_at, allocations, decided_at)
SELECT *, %(now)s::timestamptz
FROM unnest(%(leaders)s::text[], %(numbers)s::bigint[], %(trades)s::text[], %(kinds)s::text[], %(sides)s::text[],
            %(traded)s::timestamptz[], %(counts)s::integer[]);
