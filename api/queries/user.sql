SELECT user_id, label, telegram_id, created_at FROM users WHERE user_id = %(user_id)s
