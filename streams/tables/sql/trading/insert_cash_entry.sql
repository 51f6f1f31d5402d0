INSERT INTO cash_entries (account_id, cause, ref, usdc)
SELECT r.account_id, r.cause, r.ref, r.usdc
  FROM json_to_recordset(%(rows)s) AS r (account_id text, cause text, ref text, usdc numeric)
