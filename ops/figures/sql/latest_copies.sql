-- The newest copy orders that were made, or that were not, with what a person calls their parts; one on its way is shown
-- when it takes longer than usual.
SELECT c.copy_order_id, c.state, c.reason, c.cause, c.side, c.filled_usdc, c.filled_shares, c.amount_usdc, c.shares,
       c.limit_price, c.decided_at, c.ended_at, u.label AS follower, w.label AS leader_label, c.leader, m.outcome, m.question
  FROM copy_orders c
  LEFT JOIN users u USING (user_id)
  LEFT JOIN watched_addresses w ON w.wallet = c.leader
  LEFT JOIN markets m USING (token_id)
 WHERE (c.state NOT IN ('skipped', 'expired')) = %(made)s
   AND (c.ended_at IS NOT NULL OR c.decided_at < now() - interval '2 seconds')
 ORDER BY c.decided_at DESC, c.copy_order_id DESC
 LIMIT %(rows)s
