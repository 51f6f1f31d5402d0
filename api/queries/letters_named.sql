SELECT d.letter_id::text AS letter_id, coalesce(s.state, 'dead') AS state
  FROM dead_letters d
  LEFT JOIN dead_letter_state s ON s.letter_id = d.letter_id
 WHERE d.letter_id = ANY(%(letters)s::bigint[])
