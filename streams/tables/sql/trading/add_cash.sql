UPDATE accounts a
   SET cash_usdc = a.cash_usdc + r.usdc
  FROM json_to_recordset(%(rows)s) AS r (account_id text, usdc numeric)
 WHERE a.account_id = r.account_id
