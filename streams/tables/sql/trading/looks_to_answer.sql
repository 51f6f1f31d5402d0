-- Looks at live accounts that were just asked for; older ones nobody waits for any more.
SELECT l.look_id, l.account_id, a.state = 'ready' AS ready
  FROM live_looks l
  JOIN accounts a ON a.account_id = l.account_id
 WHERE l.answered_at IS NULL AND l.asked_at > clock_timestamp() - %(within)s * interval '1 second'
   AND a.venue = 'polymarket'
 ORDER BY l.asked_at
 LIMIT %(most)s
