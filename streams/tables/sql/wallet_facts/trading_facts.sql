-- What a wallet did over the last days, fills that a reorg took away left out. The pause is that between bursts, the
-- mean of all where it never rests.
WITH recent AS (
    SELECT t.side, t.token_id, t.price, t.usdc, t.traded_at,
           extract(epoch FROM t.traded_at - lag(t.traded_at) OVER (ORDER BY t.traded_at)) AS pause
      FROM trades t
     WHERE t.wallet = %(wallet)s::text AND t.kind = 'trade'
       AND t.traded_at >= clock_timestamp() - make_interval(days => %(days)s::integer)
       AND NOT EXISTS (SELECT FROM trades u WHERE u.wallet = t.wallet AND u.undoes = t.trade_id)
)
SELECT count(*),
       count(*) FILTER (WHERE r.side = 'BUY'),
       count(*) FILTER (WHERE r.side = 'SELL'),
       count(DISTINCT coalesce(m.market_id, r.token_id)),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY r.usdc) FILTER (WHERE r.side = 'BUY'),
       max(r.usdc) FILTER (WHERE r.side = 'BUY'),
       percentile_disc(0.25) WITHIN GROUP (ORDER BY r.price) FILTER (WHERE r.side = 'BUY'),
       percentile_disc(0.75) WITHIN GROUP (ORDER BY r.price) FILTER (WHERE r.side = 'BUY'),
       count(*) FILTER (WHERE r.side = 'BUY' AND r.usdc >= 1),
       coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY r.pause) FILTER (WHERE r.pause > 10), avg(r.pause)),
       (SELECT min(t.traded_at) FROM trades t WHERE t.wallet = %(wallet)s::text),
       max(r.traded_at)
  FROM recent r
  LEFT JOIN markets m ON m.token_id = r.token_id
