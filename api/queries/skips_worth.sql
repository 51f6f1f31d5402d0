-- BUYs of the last day that were not made, by reason, and what they would be worth now: what the following would have
-- spent (a fixed amount, or the multiple, within its limit for one trade), bought at the leader's price, valued at the
-- payout or the best bid.
WITH skipped AS (
    SELECT c.reason, t.price, coalesce(m.payout, p.bid) AS now_price,
           least(CASE coalesce(h.settings, a.settings)->>'mode'
                     WHEN 'fixed_amount' THEN (coalesce(h.settings, a.settings)->>'fixed_amount_usdc')::numeric
                     WHEN 'multiplier' THEN (coalesce(h.settings, a.settings)->>'multiplier')::numeric * t.usdc END,
                 (coalesce(h.settings, a.settings)->>'max_per_trade_usdc')::numeric,
                 (coalesce(h.settings, a.settings)->>'budget_usdc')::numeric) AS usdc
      FROM copy_orders c
      JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
      LEFT JOIN allocation_history h ON h.allocation_id = c.allocation_id AND h.version = c.allocation_version
      LEFT JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
      LEFT JOIN markets m ON m.token_id = c.token_id
      LEFT JOIN token_prices p ON p.venue = c.venue AND p.token_id = c.token_id
     WHERE c.decided_at > now() - interval '1 day' AND c.side = 'BUY' AND c.state IN ('skipped', 'expired')
     ORDER BY c.decided_at DESC
     LIMIT 20000
)
SELECT s.reason, count(*) AS copies, count(*) FILTER (WHERE s.usdc IS NOT NULL AND s.now_price IS NOT NULL) AS valued,
       coalesce(round(sum(s.usdc * (s.now_price / s.price - 1))
                FILTER (WHERE s.usdc IS NOT NULL AND s.now_price IS NOT NULL), 2), 0) AS would_be_usdc
  FROM skipped s
 GROUP BY s.reason
 ORDER BY copies DESC, s.reason
