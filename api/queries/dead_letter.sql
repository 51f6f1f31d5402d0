SELECT d.letter_id::text AS letter_id, d.topic, d.partition, d."offset", d.key, d.reason, d.detail, d.stage, d.size,
       d.sha256, d.body, d.first_seen_at, d.last_seen_at, d.appended_at, coalesce(s.state, 'dead') AS state,
       coalesce(s.note, '') AS note, s.redrive_id, s.became::text AS became, s.changed_at,
       (SELECT o.letter_id::text FROM dead_letter_state o WHERE o.became = d.letter_id LIMIT 1) AS came_of,
       d.letter_partition, d.letter_offset
  FROM dead_letters d
  LEFT JOIN dead_letter_state s ON s.letter_id = d.letter_id
 WHERE d.letter_id = %(letter_id)s::bigint
