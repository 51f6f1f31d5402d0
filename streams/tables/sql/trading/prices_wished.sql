-- Tokens somebody looks at now, the latest first, with the version of what is known of them.
SELECT w.token_id, COALESCE(m.version, 0)
  FROM price_wishes w
  LEFT JOIN markets m ON m.token_id = w.token_id
 WHERE w.wished_at > clock_timestamp() - %(seconds)s * interval '1 second' AND w.venue = %(venue)s AND m.payout IS NULL
 ORDER BY w.wished_at DESC
 LIMIT %(most)s
