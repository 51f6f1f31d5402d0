INSERT INTO dead_letter_redrives (redrive_id, plan_id, pace, letters, asked_by)
VALUES (%(redrive_id)s, %(plan_id)s, %(pace)s, %(letters)s::bigint[], %(asked_by)s)
