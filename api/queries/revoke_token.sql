INSERT INTO revoked_tokens (token_id, user_id, expires_at) VALUES (%(token_id)s, %(user_id)s, %(expires_at)s)
ON CONFLICT (token_id) DO NOTHING
