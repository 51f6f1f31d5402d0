INSERT INTO withdrawals (withdrawal_id, user_id, account_id, address_id, address, usdc)
VALUES (%(withdrawal_id)s, %(user_id)s, %(account_id)s, %(address_id)s, %(address)s, %(usdc)s)
ON CONFLICT (withdrawal_id) DO NOTHING
