INSERT INTO paper.redemptions (account, token_id, condition_id, transaction_id, shares, usdc, redeemed_at)
SELECT account, token_id, condition_id, transaction_id, shares, usdc, redeemed_at
  FROM jsonb_to_recordset(%(redemptions)s::jsonb) AS r (
       account text, token_id text, condition_id text, transaction_id uuid, shares bigint, usdc bigint, redeemed_at timestamptz)
