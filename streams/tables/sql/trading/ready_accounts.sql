-- Whose keys may be needed soon: the accounts that last had an order come first.
SELECT a.account_id
  FROM accounts a
  LEFT JOIN LATERAL (SELECT c.decided_at FROM copy_orders c WHERE c.user_id = a.user_id
                      ORDER BY c.appended_at DESC, c.copy_order_id DESC LIMIT 1) latest ON true
 WHERE a.state = 'ready'
 ORDER BY latest.decided_at DESC NULLS LAST, a.account_id
 LIMIT %(most)s
