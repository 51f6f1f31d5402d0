DELETE FROM drafts WHERE expires_at < now()
