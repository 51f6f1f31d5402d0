-- Per outcome what went in and out, in order of arrival, as far back as the stage looks.
WITH moves AS (
    SELECT t.token_id, t.kind, t.side, t.size, t.usdc,
           sum(CASE t.side WHEN 'BUY' THEN t.size ELSE -t.size END) OVER (
               PARTITION BY t.token_id
               ORDER BY t.appended_at, coalesce(t.leader_number, t.smart_number), t.trade_id
               ROWS UNBOUNDED PRECEDING) AS held
      FROM trades t
     WHERE t.wallet = %(wallet)s::text AND t.kind <> 'undone'
       AND t.traded_at >= clock_timestamp() - make_interval(days => %(lookback_days)s::integer)
       AND NOT EXISTS (SELECT FROM trades u WHERE u.wallet = t.wallet AND u.undoes = t.trade_id)
), outcomes AS (
    SELECT v.token_id,
           coalesce(sum(v.usdc) FILTER (WHERE v.kind = 'trade' AND v.side = 'BUY'), 0) AS paid,
           coalesce(sum(v.usdc) FILTER (WHERE v.kind = 'trade' AND v.side = 'SELL'), 0) AS received,
           -- What was redeemed is paid out like what is left.
           sum(CASE WHEN v.kind = 'redeem' THEN 0 WHEN v.side = 'BUY' THEN v.size ELSE -v.size END) AS left_shares,
           min(v.held) AS least,
           bool_or(v.kind NOT IN ('trade', 'redeem')) AS moved_otherwise
      FROM moves v
     GROUP BY v.token_id
)
SELECT m.market_id, o.paid, o.received, o.left_shares, o.least, o.moved_otherwise, m.payout
  FROM outcomes o
  JOIN markets m ON m.token_id = o.token_id
