DELETE FROM unreachable_pauses WHERE user_id = %(user_id)s
