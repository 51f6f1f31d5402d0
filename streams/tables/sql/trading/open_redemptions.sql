SELECT redemption_id, account_id, market_id, shares, usdc, nonce, body, state, transaction_id, posts, looks,
       expires_at IS NOT NULL AND clock_timestamp() > expires_at + make_interval(secs => %(margin)s) AS expired,
       EXTRACT(epoch FROM clock_timestamp() - COALESCE(last_posted_at, signed_at))::float8 AS seconds_since_post
  FROM redemptions
 WHERE ended_at IS NULL
 ORDER BY signed_at
 LIMIT %(most)s
