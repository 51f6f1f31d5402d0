UPDATE switches
   SET changed_at = CASE WHEN stopped = %(stopped)s THEN changed_at ELSE clock_timestamp() END,
       stopped = %(stopped)s, who = %(who)s, note = %(note)s
 WHERE name = %(name)s
