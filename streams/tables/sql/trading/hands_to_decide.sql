-- Orders by hand that are to be decided, with all the decision reads. The caller holds the locks of their allocations and
-- accounts (SAFETY R4), so the sums stand.
SELECT h.manual_order_id, h.side, h.amount_usdc, h.shares, h.limit_price, h.deadline, clock_timestamp() AS now,
       a.account_id, a.venue, a.state AS account_state, a.armed_at IS NOT NULL AS armed, a.day_cap_usdc, a.cash_usdc,
       (SELECT COALESCE(sum(c.reserve_usdc), 0) FROM copy_orders c
         WHERE c.account_id = a.account_id AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       + (SELECT COALESCE(sum(o.reserve_usdc), 0) FROM manual_orders o
           WHERE o.account_id = a.account_id AND o.state IN ('planned', 'submitting', 'unknown'))
       + (SELECT COALESCE(sum(w.usdc), 0) FROM withdrawals w
           WHERE w.account_id = a.account_id AND w.ended_at IS NULL) AS reserved_usdc,
       (SELECT COALESCE(sum(CASE WHEN c.ended_at IS NULL THEN c.reserve_usdc ELSE c.filled_usdc + c.fee_usdc END), 0)
          FROM copy_orders c
          JOIN copy_trading_allocations f ON f.allocation_id = c.allocation_id
         WHERE f.account_id = a.account_id AND c.decided_at >= date_trunc('day', clock_timestamp(), 'UTC')
           AND c.taken_up AND c.side = 'BUY' AND c.reserve_usdc IS NOT NULL)
       + (SELECT COALESCE(sum(CASE WHEN o.ended_at IS NULL THEN o.reserve_usdc ELSE o.filled_usdc + o.fee_usdc END), 0)
            FROM manual_orders o
           WHERE o.account_id = a.account_id AND o.side = 'BUY' AND o.reserve_usdc IS NOT NULL
             AND o.decided_at >= date_trunc('day', clock_timestamp(), 'UTC')) AS spent_today_usdc,
       EXISTS (SELECT 1 FROM account_stops s WHERE s.account_id = a.account_id AND s.over_at IS NULL) AS account_stopped,
       m.token_id IS NOT NULL AS market_known, COALESCE(m.closed, false) AS closed, COALESCE(m.fee_rate, 0) AS fee_rate,
       COALESCE(m.min_buy_usdc, 1) AS min_buy_usdc,
       COALESCE(l.shares, 0) AS lot_shares,
       (SELECT COALESCE(sum(c.shares - c.filled_shares), 0) FROM copy_orders c
         WHERE c.allocation_id = h.allocation_id AND c.token_id = h.token_id AND c.side = 'SELL'
           AND c.state IN ('planned', 'submitting', 'unknown'))
       + (SELECT COALESCE(sum(x.shares - x.filled_shares), 0) FROM exit_orders x
           WHERE x.allocation_id = h.allocation_id AND x.token_id = h.token_id AND x.state IN ('planned', 'submitting'))
       + (SELECT COALESCE(sum(o.shares - o.filled_shares), 0) FROM manual_orders o
           WHERE o.lot_id = h.lot_id AND o.side = 'SELL' AND o.state IN ('planned', 'submitting', 'unknown')) AS on_sale,
       (SELECT bool_or(w.stopped) FROM switches w WHERE w.name IN ('buys', 'halt')) AS buys_stopped,
       (SELECT w.stopped FROM switches w WHERE w.name = 'live') AS live_stopped
  FROM manual_orders h
  JOIN accounts a ON a.account_id = h.account_id
  LEFT JOIN markets m ON m.token_id = h.token_id
  LEFT JOIN lots l ON l.lot_id = h.lot_id AND l.closed_at IS NULL
 WHERE h.manual_order_id = %(manual_order_id)s AND h.state = 'waiting'
   FOR UPDATE OF h
