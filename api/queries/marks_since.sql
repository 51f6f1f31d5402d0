-- What the tables know of marks in pictures over time: switches, the trading worker's start, new versions of the tables.
SELECT h.changed_at AS at, 'switch' AS kind,
       h.name || CASE WHEN h.stopped THEN ' stopped' ELSE ' allowed' END || ': ' || h.note AS text
  FROM switch_history h
 WHERE h.changed_at >= %(since)s::timestamptz
UNION ALL
SELECT w.started_at, 'restart', w.role
  FROM worker_epochs w
 WHERE w.started_at >= %(since)s::timestamptz
UNION ALL
SELECT max(m.applied_at), 'version', max(m.number)::text
  FROM applied_migrations m
 WHERE m.applied_at >= %(since)s::timestamptz
HAVING count(*) > 0
 ORDER BY 1
