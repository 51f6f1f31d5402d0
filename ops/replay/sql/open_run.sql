INSERT INTO shadow.runs (run, kind, plan, manifest, checkpoint, total)
VALUES (%(run)s, %(kind)s, %(plan)s, %(manifest)s::jsonb, %(checkpoint)s::jsonb, %(total)s)
