-- The copies of an account whose answer took longest after the leader's trade, of the last day.
SELECT c.copy_order_id, c.user_id, c.leader, c.side, c.state,
       round(extract(epoch FROM o.answered_at - c.traded_at)::numeric * 1000, 1) AS ms, c.decided_at
  FROM copy_orders c
  JOIN orders o ON o.copy_order_id = c.copy_order_id AND o.attempt = 1
  JOIN accounts a ON a.account_id = c.account_id
 WHERE a.account_id = %(account)s::text AND c.user_id = a.user_id AND c.appended_at > now() - interval '24 hours'
   AND o.answered_at IS NOT NULL
 ORDER BY ms DESC, c.copy_order_id
 LIMIT %(rows)s
