SELECT user_id FROM users WHERE telegram_id = %(telegram_id)s
