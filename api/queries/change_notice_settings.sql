UPDATE users SET notice_settings = %(settings)s, notice_version = notice_version + 1
 WHERE user_id = %(user_id)s AND notice_version = %(version)s
