INSERT INTO wallet_keys (account_id, user_id, wallet, version, provider, wrapped_data_key, sealed_key)
VALUES (%(account_id)s, %(user_id)s, %(wallet)s, %(version)s, %(provider)s, %(wrapped_data_key)s, %(sealed_key)s)
ON CONFLICT (account_id) DO NOTHING
