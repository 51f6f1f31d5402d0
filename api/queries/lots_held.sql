-- Lots of an account: what stands behind its money at work (open ones) and its result (all).
SELECT l.lot_id::text AS position_id, l.user_id, l.account_id, a.venue, l.allocation_id, f.leader, w.label AS leader_label,
       l.token_id, m.question, m.outcome, l.shares, l.cost_usdc, l.realised_usdc, l.fees_usdc, l.opened_at, l.closed_at,
       l.closed_by
  FROM lots l
  JOIN accounts a ON a.account_id = l.account_id AND a.user_id = l.user_id
  LEFT JOIN copy_trading_allocations f ON f.allocation_id = l.allocation_id
  LEFT JOIN watched_addresses w ON w.wallet = f.leader
  LEFT JOIN markets m ON m.token_id = l.token_id
 WHERE l.account_id = %(account)s::text
   AND (%(open)s::boolean IS NULL OR (l.closed_at IS NULL) = %(open)s::boolean)
   AND (%(at)s::timestamptz IS NULL OR (l.opened_at, l.lot_id) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY l.opened_at DESC, l.lot_id DESC
 LIMIT %(rows)s
