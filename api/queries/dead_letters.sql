SELECT d.letter_id::text AS letter_id, d.topic, d.partition, d."offset", d.key, d.reason, d.detail, d.stage, d.size,
       d.sha256, d.body, d.first_seen_at, d.last_seen_at, d.appended_at, coalesce(s.state, 'dead') AS state,
       coalesce(s.note, '') AS note, s.redrive_id, s.became::text AS became, s.changed_at
  FROM dead_letters d
  LEFT JOIN dead_letter_state s ON s.letter_id = d.letter_id
 WHERE (%(reason)s::text IS NULL OR d.reason = %(reason)s::text)
   AND (%(state)s::text IS NULL OR coalesce(s.state, 'dead') = %(state)s::text)
   AND (%(redrive)s::text IS NULL
        OR d.letter_id IN (SELECT unnest(r.letters) FROM dead_letter_redrives r WHERE r.redrive_id = %(redrive)s::text))
   AND (%(at)s::timestamptz IS NULL OR (d.appended_at, d.letter_id) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY d.appended_at DESC, d.letter_id DESC
 LIMIT %(rows)s
