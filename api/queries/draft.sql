SELECT flow, body, changed_at, expires_at FROM drafts WHERE user_id = %(user_id)s AND expires_at > now()
