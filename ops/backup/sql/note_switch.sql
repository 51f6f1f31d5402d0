INSERT INTO switch_history (name, stopped, who, note, changed_at)
VALUES (%(name)s, true, %(who)s, %(note)s, clock_timestamp())
