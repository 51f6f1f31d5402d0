WITH links AS (DELETE FROM sign_in_links WHERE expires_at < now() - interval '1 hour'),
     sessions AS (DELETE FROM web_sessions WHERE expires_at < now())
DELETE FROM revoked_tokens WHERE expires_at < now() - interval '1 hour'
