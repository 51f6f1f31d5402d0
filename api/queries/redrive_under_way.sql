SELECT r.redrive_id FROM dead_letter_redrives r WHERE r.ended_at IS NULL LIMIT 1
