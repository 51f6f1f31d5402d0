SELECT r.run, r.kind, r.plan, r.state, r.total, r.done, r.not_made, r.begun_at, r.ended_at, r.manifest ->> 'code' AS code,
       count(d.*) AS decisions, count(d.*) FILTER (WHERE d.differ <> '{}') AS differing
  FROM shadow.runs r LEFT JOIN shadow.decisions d ON d.run = r.run
 GROUP BY r.run ORDER BY r.begun_at
