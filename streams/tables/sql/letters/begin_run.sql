UPDATE dead_letter_redrives
   SET state = 'running', begun_at = coalesce(begun_at, clock_timestamp()), moved_at = clock_timestamp()
 WHERE redrive_id = %(redrive_id)s
