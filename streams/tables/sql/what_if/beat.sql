UPDATE what_ifs SET progress = %(progress)s, beat_at = clock_timestamp()
 WHERE what_if_id = %(what_if_id)s AND state = 'running'
