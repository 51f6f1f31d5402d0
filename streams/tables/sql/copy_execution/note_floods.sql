INSERT INTO flooded_buys (leader, number, trade_id, traded_at, buys, most, message)
SELECT leader, number, trade_id, traded_at, buys, most, convert_to(message, 'UTF8')
FROM unnest(%(leaders)s::text[], %(numbers)s::bigint[], %(trades)s::text[], %(traded)s::timestamptz[],
            %(buys)s::integer[], %(mosts)s::integer[], %(messages)s::text[])
     AS noted (leader, number, trade_id, traded_at, buys, most, message)
ON CONFLICT (leader, number) DO NOTHING;
