-- By topic and key, the first letter that nobody has looked after, or that cannot be sent, and that is not among these.
SELECT DISTINCT ON (d.topic, d.partition, lower(d.key)) d.topic, d.partition, lower(d.key) AS key, d."offset", d.letter_id
  FROM dead_letters d
  LEFT JOIN dead_letter_state s ON s.letter_id = d.letter_id
 WHERE (s.letter_id IS NULL OR s.state = 'unsendable') AND d.letter_id <> ALL(%(letters)s::bigint[])
   AND lower(d.key) = ANY(%(keys)s::text[])
   AND NOT EXISTS (SELECT 1 FROM dead_letters e
                    WHERE e.topic = d.topic AND e.partition = d.partition AND e."offset" = d."offset"
                      AND e.letter_id < d.letter_id)
 ORDER BY d.topic, d.partition, lower(d.key), d."offset"
