UPDATE what_ifs SET state = 'failed', cause = %(cause)s, most_seconds = %(most_seconds)s, ended_at = clock_timestamp()
 WHERE what_if_id = %(what_if_id)s AND state = 'running'
