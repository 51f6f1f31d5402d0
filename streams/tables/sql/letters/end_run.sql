UPDATE dead_letter_redrives SET state = %(state)s, cause = %(cause)s, ended_at = clock_timestamp()
 WHERE redrive_id = %(redrive_id)s AND ended_at IS NULL
