DELETE FROM leader_values WHERE taken_at < now() - %(hours)s * interval '1 hour'
