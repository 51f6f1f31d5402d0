-- A copy has one notice: a later state takes the former's place and is shown by editing it (UX §3). An attempt of a sale
-- that sold nothing is told only where somebody waits to hear.
WITH told AS (
    SELECT r.user_id, r.kind, r.event, r.body
      FROM json_to_recordset(%(rows)s) AS r (user_id text, kind text, event text, body jsonb)
), others AS (
    INSERT INTO notifications (user_id, kind, event, body)
    SELECT user_id, kind, event, body FROM told WHERE kind NOT LIKE 'copy\_%%'
    ON CONFLICT (user_id, kind, event) DO NOTHING
)
INSERT INTO notifications AS n (user_id, kind, event, body)
SELECT t.user_id, t.kind, t.event, t.body
  FROM told t
 WHERE t.kind LIKE 'copy\_%%'
   AND (t.kind <> 'copy_trying' OR (t.body->>'shares')::numeric > 0
        OR EXISTS (SELECT 1 FROM notifications k
                    WHERE k.user_id = t.user_id AND k.event = t.event AND k.kind LIKE 'copy\_%%'))
ON CONFLICT (user_id, event) WHERE kind LIKE 'copy\_%%'
DO UPDATE SET kind = excluded.kind, revision = n.revision + 1,
              -- whoever read that it is being checked reads how that ended
              body = CASE WHEN n.kind = 'copy_unknown' OR n.body ? 'was_unknown'
                          THEN excluded.body || '{"was_unknown": true}' ELSE excluded.body END
 WHERE (n.kind, n.body - 'was_unknown') IS DISTINCT FROM (excluded.kind, excluded.body)
