INSERT INTO notifications (user_id, kind, event, body)
SELECT r.user_id, r.kind, r.event, r.body
  FROM json_to_recordset(%(rows)s) AS r (user_id text, kind text, event text, body jsonb)
ON CONFLICT (user_id, kind, event) DO NOTHING
