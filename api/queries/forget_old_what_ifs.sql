DELETE FROM what_ifs WHERE asked_at < now() - interval '7 days'
