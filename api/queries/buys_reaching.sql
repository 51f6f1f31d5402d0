SELECT count(*) AS buys, count(*) FILTER (WHERE t.usdc * %(multiplier)s::numeric >= 1) AS reaching
  FROM trades t
 WHERE t.wallet = %(wallet)s AND t.kind = 'trade' AND t.side = 'BUY'
   AND t.traded_at >= now() - make_interval(days => %(days)s::integer)
