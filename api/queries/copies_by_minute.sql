-- The minutes in which trades reached us that were decided, newest first, each with its copy orders by state as they are
-- now. From minute to minute by the index: only those of the page are read, however long the window is.
WITH RECURSIVE minutes AS (
    (SELECT date_trunc('minute', c.appended_at, 'UTC') AS at, 1 AS nth
       FROM copy_orders c
      WHERE c.appended_at >= %(since)s::timestamptz AND (%(at)s::timestamptz IS NULL OR c.appended_at < %(at)s::timestamptz)
      ORDER BY c.appended_at DESC
      LIMIT 1)
    UNION ALL
    SELECT (SELECT date_trunc('minute', c.appended_at, 'UTC')
              FROM copy_orders c
             WHERE c.appended_at >= %(since)s::timestamptz AND c.appended_at < m.at
             ORDER BY c.appended_at DESC
             LIMIT 1), m.nth + 1
      FROM minutes m
     WHERE m.at IS NOT NULL AND m.nth < %(rows)s
)
SELECT m.at, s.states, s.copies
  FROM minutes m
 CROSS JOIN LATERAL (
       SELECT json_object_agg(x.state, x.copies) AS states, coalesce(sum(x.copies), 0)::bigint AS copies
         FROM (SELECT c.state, count(*) AS copies
                 FROM copy_orders c
                WHERE c.appended_at >= m.at AND c.appended_at < m.at + interval '1 minute'
                GROUP BY c.state) x) s
 WHERE m.at IS NOT NULL
 ORDER BY m.at DESC
