SELECT run, kind, plan, manifest::text, checkpoint::text, state, wanted, total, done, not_made FROM shadow.runs WHERE run = %(run)s
