SELECT a.cash_usdc - (SELECT coalesce(sum(c.reserve_usdc), 0) FROM copy_orders c
                       WHERE c.account_id = a.account_id
                         AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
                   - (SELECT coalesce(sum(h.reserve_usdc), 0) FROM manual_orders h
                       WHERE h.account_id = a.account_id
                         AND h.state IN ('waiting', 'planned', 'submitting', 'unknown'))
                   - (SELECT coalesce(sum(w.usdc), 0) FROM withdrawals w
                       WHERE w.account_id = a.account_id AND w.ended_at IS NULL) AS free_usdc,
       (SELECT coalesce(sum(t.cost_usdc), 0) FROM lot_totals t JOIN copy_trading_allocations f USING (allocation_id)
         WHERE t.account_id = a.account_id AND f.leader = %(leader)s AND f.state <> 'ended')
       + (SELECT coalesce(sum(c.reserve_usdc), 0) FROM copy_orders c JOIN copy_trading_allocations f USING (allocation_id)
           WHERE f.account_id = a.account_id AND f.leader = %(leader)s AND f.state <> 'ended'
             AND c.state IN ('waiting', 'planned', 'submitting', 'unknown')) AS at_work_usdc,
       coalesce((SELECT n.label FROM leader_labels n WHERE n.user_id = a.user_id AND n.leader = %(leader)s),
                (SELECT w.label FROM watched_addresses w WHERE w.wallet = %(leader)s)) AS leader_label,
       (SELECT max(v.usdc) FROM leader_values v
         WHERE v.wallet = %(leader)s AND v.taken_at > now() - interval '24 hours') AS leader_value_usdc
  FROM accounts a
 WHERE a.user_id = %(user_id)s AND a.venue = %(venue)s
