-- What was redeemed, and by which transaction; transactions that paid nothing have no token.
SELECT r.transaction_id, r.nonce, r.submitted_at, r.error, d.condition_id, d.token_id, d.shares, d.usdc
  FROM paper.relayed r
  LEFT JOIN paper.redemptions d ON d.transaction_id = r.transaction_id
 WHERE r.wallet = %(wallet)s
 ORDER BY r.nonce, d.token_id
