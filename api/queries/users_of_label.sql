SELECT count(*) AS known FROM users WHERE label = %(label)s
