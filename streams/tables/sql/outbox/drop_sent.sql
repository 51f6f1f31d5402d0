DELETE FROM outbox WHERE sent_at < now() - %(minutes)s * interval '1 minute'
