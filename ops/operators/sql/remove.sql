DELETE FROM operators WHERE user_id = %(user_id)s
