INSERT INTO unreachable_pauses (allocation_id, user_id) VALUES (%(allocation_id)s, %(user_id)s)
ON CONFLICT (allocation_id) DO NOTHING
