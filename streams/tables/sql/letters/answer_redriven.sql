-- What was handled is either a dead letter again, or has its answer.
UPDATE dead_letter_state s
   SET state = CASE WHEN b.letter_id IS NULL THEN 'redriven' ELSE 'repeated' END, became = b.letter_id,
       note = coalesce(b.reason || ': ' || b.detail, ''), changed_at = clock_timestamp()
  FROM dead_letters d
  LEFT JOIN LATERAL (
       SELECT b.letter_id, b.reason, b.detail
         FROM dead_letter_state w
         JOIN dead_letters b ON b.topic = d.topic AND b.partition = w.sent_partition AND b."offset" = w.sent_offset
        WHERE w.letter_id = d.letter_id
        ORDER BY b.letter_id
        LIMIT 1) b ON true
 WHERE s.letter_id = ANY(%(letters)s) AND d.letter_id = s.letter_id AND s.state = 'redriving'
