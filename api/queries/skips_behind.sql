-- The copy orders that `skips_worth` counts for one reason, each with what it would have earned or lost by now.
SELECT s.copy_order_id, s.user_id, s.leader, s.question, s.outcome, s.state, s.price, s.now_price, round(s.usdc, 6) AS usdc,
       round(s.usdc * (s.now_price / s.price - 1), 6) AS would_be_usdc, s.decided_at
  FROM (SELECT c.copy_order_id, c.user_id, c.leader, m.question, m.outcome, c.state, t.price, c.decided_at,
               coalesce(m.payout, p.bid) AS now_price,
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
           AND c.reason = %(reason)s::text
           AND (%(at)s::timestamptz IS NULL OR (c.decided_at, c.copy_order_id) < (%(at)s::timestamptz, %(id)s::text))) s
 WHERE NOT %(valued)s::boolean OR (s.usdc IS NOT NULL AND s.now_price IS NOT NULL)
 ORDER BY s.decided_at DESC, s.copy_order_id DESC
 LIMIT %(rows)s
