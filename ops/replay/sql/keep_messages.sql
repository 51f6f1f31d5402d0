INSERT INTO shadow.messages (run, part, place, said_as, wallet, trade_id, message, was)
SELECT %(run)s, * FROM unnest(%(parts)s::integer[], %(places)s::bigint[], %(said_as)s::text[], %(wallets)s::text[],
                              %(trade_ids)s::text[], %(messages)s::text[], %(was)s::text[])
