INSERT INTO paper.api_keys (api_key, address, nonce, secret, passphrase, created_at)
VALUES (%(api_key)s, %(address)s, %(nonce)s, %(secret)s, %(passphrase)s, %(created_at)s)
ON CONFLICT (address, nonce) DO NOTHING
