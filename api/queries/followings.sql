-- Followings that have not ended, of an account or of a leader.
SELECT f.allocation_id, f.user_id, u.label, f.account_id, f.venue, f.leader, w.label AS leader_label, f.state,
       (f.settings->>'budget_usdc')::numeric AS budget_usdc, l.at_work_usdc, l.realised_usdc, f.created_at, f.active_from
  FROM copy_trading_allocations f
  JOIN users u ON u.user_id = f.user_id
  LEFT JOIN watched_addresses w ON w.wallet = f.leader
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(t.cost_usdc), 0) AS at_work_usdc, coalesce(sum(t.realised_usdc), 0) AS realised_usdc
         FROM lot_totals t
        WHERE t.account_id = f.account_id AND t.allocation_id = f.allocation_id) l
 WHERE f.state <> 'ended'
   AND (%(account)s::text IS NULL OR f.account_id = %(account)s::text)
   AND (%(wallet)s::text IS NULL OR f.leader = %(wallet)s::text)
   AND (%(at)s::timestamptz IS NULL OR (f.created_at, f.allocation_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY f.created_at DESC, f.allocation_id DESC
 LIMIT %(rows)s
