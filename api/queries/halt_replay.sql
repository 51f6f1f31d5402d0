-- Who works on the run ends it at the next checkpoint; when nobody does there is none to wait for.
UPDATE shadow.runs
   SET wanted = CASE WHEN %(free)s THEN 'go' ELSE 'abort' END,
       state = CASE WHEN %(free)s THEN 'aborted' ELSE state END,
       ended_at = CASE WHEN %(free)s THEN clock_timestamp() END,
       halted_by = %(who)s, halted_why = %(why)s
 WHERE run = %(run)s AND state IN ('running', 'paused') AND (wanted <> 'abort' OR %(free)s)
