INSERT INTO wallet_looks (user_id, wallet) VALUES (%(user_id)s, %(wallet)s) ON CONFLICT DO NOTHING
