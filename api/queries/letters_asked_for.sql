-- Letters by name, or those nobody has looked after, in the order their messages came. One that was written twice, for
-- a message handled twice, counts once.
SELECT d.letter_id, d.topic, d.partition, d."offset", d.key, d.size, d.body, d.first_seen_at,
       coalesce(s.state, 'dead') AS state, s.changed_at
  FROM dead_letters d
  LEFT JOIN dead_letter_state s ON s.letter_id = d.letter_id
 WHERE (d.letter_id = ANY(%(letters)s::bigint[])
        OR (%(letters)s::bigint[] = '{}' AND s.letter_id IS NULL
            AND (%(reason)s::text IS NULL OR d.reason = %(reason)s::text)
            AND (%(wallet)s::text IS NULL OR lower(d.key) = %(wallet)s::text)
            AND (%(topic)s::text IS NULL OR d.topic = %(topic)s::text)))
   AND NOT EXISTS (SELECT 1 FROM dead_letters e
                    WHERE e.topic = d.topic AND e.partition = d.partition AND e."offset" = d."offset"
                      AND e.letter_id < d.letter_id)
 ORDER BY d.topic, d.partition, d."offset"
 LIMIT %(rows)s
