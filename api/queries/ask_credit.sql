INSERT INTO account_credits (credit_id, account_id, usdc) VALUES (%(credit_id)s, %(account_id)s, %(usdc)s)
ON CONFLICT (credit_id) DO NOTHING
