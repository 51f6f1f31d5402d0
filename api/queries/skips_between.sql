-- Per person, following and reason: how many trades came, and how many of them were not copied.
SELECT c.user_id, c.venue, c.allocation_id, c.leader, w.label AS leader_name,
       CASE WHEN c.state IN ('skipped', 'expired') THEN c.reason END AS reason, count(*) AS n,
       a.settings->>'min_price' AS min_price, a.settings->>'max_price' AS max_price
  FROM unnest(%(user_ids)s::text[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[]) AS p(user_id, since_at, until_at)
  JOIN copy_orders c ON c.user_id = p.user_id AND c.appended_at > p.since_at AND c.appended_at <= p.until_at
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN watched_addresses w ON w.wallet = c.leader
 GROUP BY 1, 2, 3, 4, 5, 6, 8, 9
 ORDER BY c.user_id, c.venue, n DESC, c.allocation_id, reason
