-- What may be withdrawn: settled cash less all reserves, and less what sales brought that are not settled yet.
SELECT a.cash_usdc
       - (SELECT coalesce(sum(c.reserve_usdc), 0) FROM copy_orders c
           WHERE c.account_id = a.account_id AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       - (SELECT coalesce(sum(h.reserve_usdc), 0) FROM manual_orders h
           WHERE h.account_id = a.account_id AND h.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       - (SELECT coalesce(sum(o.filled_usdc - o.fee_usdc), 0) FROM orders o
           WHERE o.account_id = a.account_id AND o.state = 'matched' AND o.side = 'SELL')
       - (SELECT coalesce(sum(w.usdc), 0) FROM withdrawals w
           WHERE w.account_id = a.account_id AND w.ended_at IS NULL) AS free_usdc,
       EXISTS (SELECT FROM withdrawals w WHERE w.account_id = a.account_id AND w.ended_at IS NULL) AS under_way,
       EXISTS (SELECT FROM withdrawal_addresses d WHERE d.address_id = %(address_id)s AND d.removed_at IS NULL
                  AND d.added_at <= clock_timestamp() - interval '24 hours') AS usable
  FROM accounts a
 WHERE a.account_id = %(account_id)s
