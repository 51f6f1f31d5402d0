INSERT INTO operators (user_id, added_by) VALUES (%(user_id)s, %(who)s) ON CONFLICT (user_id) DO NOTHING
