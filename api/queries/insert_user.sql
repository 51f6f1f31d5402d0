INSERT INTO users (user_id, label, telegram_id, language)
VALUES (%(user_id)s, %(label)s, %(telegram_id)s, %(language)s)
ON CONFLICT (user_id) DO NOTHING
