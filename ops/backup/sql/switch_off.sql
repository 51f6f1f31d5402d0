-- The safe side of a switch, from now on.
UPDATE switches SET stopped = true, who = %(who)s, note = %(note)s, changed_at = clock_timestamp() WHERE name = %(name)s
