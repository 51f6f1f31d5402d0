-- Of a user whose followings were just paused: buys that will not be sent any more, and those that were.
SELECT count(*) FILTER (WHERE state IN ('waiting', 'planned')) AS dropped,
       count(*) FILTER (WHERE state IN ('submitting', 'unknown')) AS may_still_fill
  FROM copy_orders
 WHERE account_id IN (SELECT account_id FROM accounts WHERE user_id = %(user_id)s) AND side = 'BUY'
   AND state IN ('waiting', 'planned', 'submitting', 'unknown')
