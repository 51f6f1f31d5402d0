SELECT c.credit_id, c.account_id, c.usdc, c.asked_at,
       EXISTS (SELECT FROM cash_entries e WHERE e.cause = 'credit' AND e.ref = c.credit_id) AS booked
  FROM account_credits c
 WHERE c.credit_id = %(credit_id)s
