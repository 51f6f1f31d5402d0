-- What the decision stored, the trade as far as it is kept, since when its following was paused, and the live cap.
SELECT c.inputs, c.checks, c.times, c.cause, c.reserve_usdc, coalesce(h.settings, a.settings) AS settings,
       t.kind, t.source, t.size, t.price, t.usdc, t.tx_hash, t.classified_at, p.paused_at, k.day_cap_usdc
  FROM copy_orders c
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  JOIN accounts k ON k.account_id = c.account_id
  LEFT JOIN allocation_history h ON h.allocation_id = c.allocation_id AND h.version = c.allocation_version
  LEFT JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
  LEFT JOIN LATERAL (
       SELECT v.changed_at AS paused_at
         FROM (SELECT g.state, g.changed_at, lag(g.state) OVER (ORDER BY g.version) AS former
                 FROM allocation_history g
                WHERE g.allocation_id = c.allocation_id AND g.changed_at <= coalesce(c.ended_at, c.decided_at)) v
        WHERE v.state = 'paused' AND v.former IS DISTINCT FROM 'paused'
        ORDER BY v.changed_at DESC
        LIMIT 1) p ON c.reason = 'PAUSED'
 WHERE c.copy_order_id = %(copy_order_id)s
