INSERT INTO claims (lot_id, account_id, market_id, token_id, shares, usdc)
SELECT r.lot_id, r.account_id, r.market_id, r.token_id, r.shares, r.usdc
  FROM json_to_recordset(%(rows)s)
       AS r (lot_id bigint, account_id text, market_id text, token_id text, shares numeric, usdc numeric)
