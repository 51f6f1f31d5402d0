-- What was bought per kind of market over the last days, the most first.
SELECT m.category, sum(t.usdc)
  FROM trades t
  LEFT JOIN markets m ON m.token_id = t.token_id
 WHERE t.wallet = %(wallet)s::text AND t.kind = 'trade' AND t.side = 'BUY'
   AND t.traded_at >= clock_timestamp() - make_interval(days => %(days)s::integer)
 GROUP BY m.category
 ORDER BY sum(t.usdc) DESC, m.category
