UPDATE shadow.runs SET wanted = %(wanted)s WHERE run = %(run)s AND state IN ('running', 'paused') RETURNING run
