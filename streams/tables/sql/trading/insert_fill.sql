INSERT INTO fills (fill_id, order_hash, account_id, side, token_id, shares, usdc, price, fee_usdc, status, matched_at)
SELECT r.fill_id, r.order_hash, r.account_id, r.side, r.token_id, r.shares, r.usdc, r.price, r.fee_usdc, r.status, r.matched_at
  FROM json_to_recordset(%(rows)s)
       AS r (fill_id text, order_hash text, account_id text, side text, token_id text, shares numeric, usdc numeric,
             price numeric, fee_usdc numeric, status text, matched_at timestamptz)
