SELECT r.credit_id, r.account_id, r.usdc, k.wallet
  FROM account_credits r
  JOIN accounts a ON a.account_id = r.account_id AND a.venue = 'paper' AND a.state <> 'closed'
  JOIN wallet_keys k ON k.account_id = r.account_id
 WHERE NOT EXISTS (SELECT 1 FROM cash_entries e WHERE e.cause = 'credit' AND e.ref = r.credit_id)
 ORDER BY r.asked_at, r.credit_id
 LIMIT %(most)s
