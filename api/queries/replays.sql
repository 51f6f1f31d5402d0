-- Runs, newest first, each with what it found: decisions and messages that differ, by what they were and are.
SELECT r.run, r.kind, r.state, r.wanted, r.manifest ->> 'code' AS code, r.manifest ->> 'topic' AS topic,
       r.manifest -> 'offsets' AS offsets, r.manifest -> 'choice' AS choice, r.total, r.done, r.not_made, r.begun_at,
       r.ended_at, r.halted_by, r.halted_why, coalesce(d.by_reason, '[]') AS by_reason
  FROM shadow.runs r
 CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('what', e.what, 'then', e.then, 'now', e.now, 'number', e.number)
                       ORDER BY e.number DESC, e.what, e.then, e.now) AS by_reason
         FROM (SELECT 'decision' AS what, x.then_reason AS then, x.now_reason AS now, count(*) AS number
                 FROM shadow.decisions x
                WHERE x.run = r.run AND x.differ <> '{}'
                GROUP BY x.then_reason, x.now_reason
                UNION ALL
               SELECT 'message', m.was, m.said_as, count(*)
                 FROM shadow.messages m
                WHERE m.run = r.run AND m.was <> 'same' AND m.said_as <> 'dead_letter'
                GROUP BY m.was, m.said_as) e) d
 WHERE (%(run)s::text IS NULL OR r.run = %(run)s::text)
   AND (%(at)s::timestamptz IS NULL OR (r.begun_at, r.run) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY r.begun_at DESC, r.run DESC
 LIMIT %(rows)s
