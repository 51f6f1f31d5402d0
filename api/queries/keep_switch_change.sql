INSERT INTO switch_history (name, stopped, who, note, changed_at)
VALUES (%(name)s, %(stopped)s, %(who)s, %(note)s, clock_timestamp())
