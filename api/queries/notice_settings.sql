SELECT notice_settings, notice_version FROM users WHERE user_id = %(user_id)s
