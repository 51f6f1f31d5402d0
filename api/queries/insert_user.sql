INSERT INTO users (user_id, label, telegram_id) VALUES (%(user_id)s, %(label)s, %(telegram_id)s)
ON CONFLICT (user_id) DO NOTHING
