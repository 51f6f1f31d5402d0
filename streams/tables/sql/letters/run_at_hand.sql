-- The oldest redrive that has not ended.
SELECT r.redrive_id, r.letters, r.asked_by, r.asked_at, coalesce(r.moved_at, clock_timestamp()), clock_timestamp()
  FROM dead_letter_redrives r
 WHERE r.ended_at IS NULL
 ORDER BY r.asked_at
 LIMIT 1
