SELECT w.withdrawal_id, w.account_id, w.user_id, w.address, w.usdc, w.nonce, w.body, w.state, w.transaction_id, w.posts,
       w.looks, w.expires_at IS NOT NULL AS mortal,
       w.expires_at IS NOT NULL AND clock_timestamp() > w.expires_at + make_interval(secs => %(margin)s) AS expired,
       d.removed_at IS NOT NULL AS withdrawn,
       EXTRACT(epoch FROM clock_timestamp() - COALESCE(w.last_posted_at, w.signed_at))::float8 AS seconds_since_post
  FROM withdrawals w
  JOIN withdrawal_addresses d ON d.address_id = w.address_id
 WHERE w.ended_at IS NULL AND w.state IN ('sending', 'unknown')
 ORDER BY w.signed_at
 LIMIT %(most)s
