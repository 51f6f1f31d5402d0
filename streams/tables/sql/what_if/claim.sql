-- The next question, or one whose worker said nothing for so long that it is gone.
WITH next AS (
    SELECT what_if_id FROM what_ifs
     WHERE kind = %(kind)s
       AND (state = 'queued'
            OR (state = 'running' AND beat_at < clock_timestamp() - %(silent)s * interval '1 second'))
     ORDER BY asked_at
     LIMIT 1
       FOR UPDATE SKIP LOCKED
)
UPDATE what_ifs w
   SET state = 'running', attempts = w.attempts + 1, progress = 0, beat_at = clock_timestamp()
  FROM next
 WHERE w.what_if_id = next.what_if_id
RETURNING w.what_if_id, w.user_id, w.leader, w.venue, w.allocation_id, w.days, w.settings::text, w.asked_at, w.attempts
