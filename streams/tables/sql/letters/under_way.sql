-- Letters that were sent again and are not answered yet.
SELECT s.letter_id, d.topic, s.sent_partition, s.sent_offset
  FROM dead_letter_state s
  JOIN dead_letters d ON d.letter_id = s.letter_id
 WHERE s.state = 'redriving' AND s.sent_offset IS NOT NULL
