-- Rows that are in one only, or not equal (numbers by value, times as instants), with the columns that part.
SELECT coalesce(m.wallet, s.wallet) || ' ' || coalesce(m.trade_id, s.trade_id) AS name,
       CASE WHEN s.wallet IS NULL THEN 'is missing'
            WHEN m.wallet IS NULL THEN 'is on no topic'
            ELSE 'differs in ' || (SELECT string_agg(a.key, ', ' ORDER BY a.key)
                                     FROM jsonb_each(to_jsonb(m)) a
                                     JOIN jsonb_each(to_jsonb(s)) b ON a.key = b.key
                                    WHERE a.value IS DISTINCT FROM b.value) END AS what,
       count(*) OVER () AS all
  FROM made_trades m
  FULL JOIN trades s ON s.wallet = m.wallet AND s.trade_id = m.trade_id
 WHERE ROW(m.*) IS DISTINCT FROM ROW(s.*)
 ORDER BY 1
 LIMIT %(most)s
