-- The operators' stop of everybody's buys that stood at a moment, where one did: since when, and their note.
SELECT last.changed_at, last.note
  FROM unnest(ARRAY['buys', 'halt']) s (name)
 CROSS JOIN LATERAL (SELECT w.stopped, w.changed_at, w.note FROM switch_history w
                      WHERE w.name = s.name AND w.changed_at <= %(at)s
                      ORDER BY w.change_id DESC LIMIT 1) last
 WHERE last.stopped
 ORDER BY last.changed_at
 LIMIT 1
