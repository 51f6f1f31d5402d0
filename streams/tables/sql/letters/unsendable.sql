UPDATE dead_letter_state SET state = 'unsendable', note = %(note)s, changed_at = clock_timestamp()
 WHERE letter_id = %(letter_id)s AND state = 'redriving'
