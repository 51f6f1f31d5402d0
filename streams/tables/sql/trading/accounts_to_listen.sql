-- Live accounts whose fills may come now: orders open or not settled first, then followings in force.
SELECT a.account_id
  FROM accounts a
 WHERE a.state = 'ready' AND a.venue = 'polymarket'
   AND (a.account_id IN (SELECT o.account_id FROM orders o
                          WHERE o.state IN ('signed', 'submitting', 'accepted', 'unknown', 'matched'))
        OR a.account_id IN (SELECT f.account_id FROM copy_trading_allocations f WHERE f.state = 'active'))
 ORDER BY a.account_id NOT IN (SELECT o.account_id FROM orders o
                                WHERE o.state IN ('signed', 'submitting', 'accepted', 'unknown', 'matched')), a.account_id
 LIMIT %(most)s
