SELECT r.redrive_id, r.plan_id, r.pace, r.state, r.cause, cardinality(r.letters) AS letters, h.sent, h.redriven,
       h.repeated, r.asked_by, r.asked_at, r.begun_at, r.ended_at
  FROM dead_letter_redrives r
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT h.letter_id) AS sent,
              count(DISTINCT h.letter_id) FILTER (WHERE h.to_state = 'redriven') AS redriven,
              count(DISTINCT h.letter_id) FILTER (WHERE h.to_state = 'repeated') AS repeated
         FROM dead_letter_history h
        WHERE h.redrive_id = r.redrive_id) h
 WHERE (%(redrive_id)s::text IS NULL OR r.redrive_id = %(redrive_id)s::text)
   AND (%(at)s::timestamptz IS NULL OR (r.asked_at, r.redrive_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY r.asked_at DESC, r.redrive_id DESC
 LIMIT %(rows)s
