UPDATE dead_letter_state SET sent_partition = %(partition)s, sent_offset = %(offset)s
 WHERE letter_id = %(letter_id)s AND state = 'redriving'
