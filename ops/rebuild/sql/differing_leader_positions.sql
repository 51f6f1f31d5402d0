-- Rows that are in one only, or not equal (numbers by value, times as instants), with the columns that part.
SELECT coalesce(m.wallet, s.wallet) || ' ' || coalesce(m.token_id, s.token_id) AS name,
       CASE WHEN s.wallet IS NULL THEN 'is missing'
            WHEN m.wallet IS NULL THEN 'is on no topic'
            ELSE 'differs in ' || (SELECT string_agg(a.key, ', ' ORDER BY a.key)
                                     FROM jsonb_each(to_jsonb(m)) a
                                     JOIN jsonb_each(to_jsonb(s)) b ON a.key = b.key
                                    WHERE a.value IS DISTINCT FROM b.value) END AS what,
       count(*) OVER () AS all
  FROM made_leader_positions m
  FULL JOIN leader_positions s ON s.wallet = m.wallet AND s.token_id = m.token_id
 WHERE ROW(m.*) IS DISTINCT FROM ROW(s.*)
 ORDER BY 1
 LIMIT %(most)s
