UPDATE shadow.runs SET state = %(state)s, wanted = 'go',
       ended_at = CASE WHEN %(state)s IN ('done', 'aborted') THEN clock_timestamp() END
 WHERE run = %(run)s
