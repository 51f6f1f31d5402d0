-- The redrive's letters in its order, each with what has become of it.
SELECT d.letter_id, d.letter_partition, d.letter_offset, d.topic, d.partition, d.sha256,
       s.state, s.redrive_id, s.sent_offset, s.became, s.changed_at
  FROM unnest(%(letters)s::bigint[]) WITH ORDINALITY AS a(letter_id, place)
  JOIN dead_letters d ON d.letter_id = a.letter_id
  LEFT JOIN dead_letter_state s ON s.letter_id = a.letter_id
 ORDER BY a.place
