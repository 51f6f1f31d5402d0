DELETE FROM shadow.runs WHERE run = %(run)s
