UPDATE dead_letter_redrives SET moved_at = clock_timestamp()
 WHERE redrive_id IN (SELECT redrive_id FROM dead_letter_state WHERE letter_id = ANY(%(letters)s)) AND ended_at IS NULL
