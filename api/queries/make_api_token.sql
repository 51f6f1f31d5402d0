INSERT INTO api_tokens (token_id, user_id, label, scope, token_sha256)
VALUES (%(token_id)s, %(user_id)s, %(label)s, %(scope)s, %(sha256)s)
ON CONFLICT (token_id) DO NOTHING
