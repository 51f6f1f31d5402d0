SELECT a.account_id, a.user_id, a.venue, a.state, a.wallet, a.cash_usdc, r.reserved_usdc,
       a.cash_usdc - r.reserved_usdc AS free_usdc, l.at_work_usdc, l.realised_usdc, a.opened_at,
       a.armed_at, a.day_cap_usdc, a.next_day_cap_usdc, a.next_day_cap_from, d.day_bought_usdc,
       (SELECT s.cause FROM account_stops s WHERE s.account_id = a.account_id AND s.over_at IS NULL
         ORDER BY s.since LIMIT 1) AS stopped_by
  FROM accounts a
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(o.reserve_usdc), 0) AS reserved_usdc
         FROM (SELECT c.reserve_usdc
                 FROM copy_orders c
                WHERE c.account_id = a.account_id AND c.state IN ('waiting', 'planned', 'submitting', 'unknown')
               UNION ALL
               SELECT h.reserve_usdc
                 FROM manual_orders h
                WHERE h.account_id = a.account_id AND h.state IN ('waiting', 'planned', 'submitting', 'unknown')
               UNION ALL
               SELECT w.usdc FROM withdrawals w WHERE w.account_id = a.account_id AND w.ended_at IS NULL) o) r
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(t.cost_usdc), 0) AS at_work_usdc, coalesce(sum(t.realised_usdc), 0) AS realised_usdc
         FROM lot_totals t
        WHERE t.account_id = a.account_id) l
  -- What counts against the live day cap, copied or by hand: the reserve while open, the cost once ended.
  LEFT JOIN LATERAL (
       SELECT coalesce(sum(b.usdc), 0) AS day_bought_usdc
         FROM (SELECT CASE WHEN c.ended_at IS NULL THEN c.reserve_usdc ELSE c.filled_usdc + c.fee_usdc END AS usdc
                 FROM copy_trading_allocations f
                 JOIN copy_orders c ON c.allocation_id = f.allocation_id
                WHERE f.account_id = a.account_id AND c.decided_at >= date_trunc('day', clock_timestamp(), 'UTC')
                  AND c.taken_up AND c.side = 'BUY' AND c.reserve_usdc IS NOT NULL
               UNION ALL
               SELECT CASE WHEN h.ended_at IS NULL THEN h.reserve_usdc ELSE h.filled_usdc + h.fee_usdc END
                 FROM manual_orders h
                WHERE h.account_id = a.account_id AND h.decided_at >= date_trunc('day', clock_timestamp(), 'UTC')
                  AND h.side = 'BUY' AND h.reserve_usdc IS NOT NULL) b) d ON a.venue = 'polymarket'
 WHERE a.user_id = ANY (%(user_ids)s)
 ORDER BY a.user_id, a.venue
