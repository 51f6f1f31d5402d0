UPDATE shadow.runs SET checkpoint = %(checkpoint)s::jsonb, done = done + %(done)s, not_made = not_made + %(not_made)s,
       total = greatest(total, done + %(done)s)
 WHERE run = %(run)s RETURNING wanted
