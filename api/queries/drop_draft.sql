DELETE FROM drafts WHERE user_id = %(user_id)s
