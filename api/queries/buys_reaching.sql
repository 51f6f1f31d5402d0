SELECT count(*) AS buys
  FROM trades t
 WHERE t.wallet = %(wallet)s AND t.kind = 'trade' AND t.side = 'BUY' AND t.usdc * %(multiplier)s::numeric >= 1
   AND t.traded_at >= now() - make_interval(days => %(days)s::integer)
