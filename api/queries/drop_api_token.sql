DELETE FROM api_tokens WHERE token_id = %(token_id)s AND user_id = %(user_id)s
