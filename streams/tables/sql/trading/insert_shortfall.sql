INSERT INTO shortfalls (fill_id, account_id, token_id, shares)
SELECT r.fill_id, r.account_id, r.token_id, r.shares
  FROM json_to_recordset(%(rows)s) AS r (fill_id text, account_id text, token_id text, shares numeric)
