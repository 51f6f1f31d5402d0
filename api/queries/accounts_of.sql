SELECT a.account_id, a.user_id, a.venue, a.state, a.wallet, a.cash_usdc, r.reserved_usdc,
       a.cash_usdc - r.reserved_usdc AS free_usdc, l.at_work_usdc, l.realised_usdc, a.opened_at
  FROM accounts a
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(o.reserve_usdc), 0) AS reserved_usdc
         FROM (SELECT c.reserve_usdc
                 FROM copy_orders c
                WHERE c.account_id = a.account_id AND c.state IN ('waiting', 'planned', 'submitting', 'unknown')
               UNION ALL
               SELECT h.reserve_usdc
                 FROM manual_orders h
                WHERE h.account_id = a.account_id AND h.state IN ('waiting', 'planned', 'submitting', 'unknown')) o) r
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(t.cost_usdc), 0) AS at_work_usdc, coalesce(sum(t.realised_usdc), 0) AS realised_usdc
         FROM lot_totals t
        WHERE t.account_id = a.account_id) l
 WHERE a.user_id = ANY (%(user_ids)s)
 ORDER BY a.user_id, a.venue
