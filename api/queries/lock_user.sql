SELECT user_id FROM users WHERE user_id = %(user_id)s AND deleted_at IS NULL FOR UPDATE
