-- A withdrawal that is not signed yet, with all its rule reads. The caller holds the account's lock (SAFETY R4), so the
-- sums stand. Free is settled cash less every reserve but its own: what sales brought that are not settled yet is not there.
SELECT w.withdrawal_id, w.account_id, w.state, d.address, d.user_id AS address_user_id, w.user_id,
       d.added_at AS address_added_at, d.removed_at IS NULL AND d.address = w.address AS address_held, w.usdc,
       a.cash_usdc
       - (SELECT COALESCE(sum(c.reserve_usdc), 0) FROM copy_orders c
           WHERE c.account_id = a.account_id AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       - (SELECT COALESCE(sum(h.reserve_usdc), 0) FROM manual_orders h
           WHERE h.account_id = a.account_id AND h.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       - (SELECT COALESCE(sum(o.filled_usdc - o.fee_usdc), 0) FROM orders o
           WHERE o.account_id = a.account_id AND o.state = 'matched' AND o.side = 'SELL')
       - (SELECT COALESCE(sum(x.usdc), 0) FROM withdrawals x
           WHERE x.account_id = a.account_id AND x.ended_at IS NULL AND x.withdrawal_id <> w.withdrawal_id) AS free_usdc,
       clock_timestamp() AS now, EXTRACT(epoch FROM clock_timestamp() - w.asked_at)::float8 AS asked_seconds_ago,
       EXISTS (SELECT 1 FROM redemptions r WHERE r.account_id = a.account_id AND r.ended_at IS NULL) AS busy
  FROM withdrawals w
  JOIN withdrawal_addresses d ON d.address_id = w.address_id
  JOIN accounts a ON a.account_id = w.account_id
 WHERE w.withdrawal_id = %(withdrawal_id)s AND w.state = 'asked'
   FOR UPDATE OF w
