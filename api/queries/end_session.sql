DELETE FROM web_sessions WHERE session_id = %(session_id)s AND user_id = %(user_id)s
