-- How long each step of copies took that were sent between two times, in milliseconds: half of them, 95 and 99 of 100.
WITH sent AS (
    SELECT c.traded_at, c.appended_at, (c.times->>'classified')::timestamptz AS classified_at,
           (c.times->>'decided')::timestamptz AS decided_at, o.signed_at, o.posted_at, o.answered_at, n.sent_at
      FROM copy_orders c
      JOIN orders o ON o.copy_order_id = c.copy_order_id AND o.attempt = 1
      LEFT JOIN notifications n ON n.user_id = c.user_id AND n.event = c.copy_order_id AND n.kind LIKE 'copy\_%%'
     WHERE c.decided_at >= %(since)s::timestamptz AND c.decided_at < %(until)s::timestamptz
), steps AS (
    SELECT s.place, s.step, extract(epoch FROM s.at - s.before) * 1000 AS ms
      FROM sent
     CROSS JOIN LATERAL (VALUES (1, 'seen', traded_at, appended_at), (2, 'classified', appended_at, classified_at),
                                (3, 'decided', classified_at, decided_at), (4, 'signed', decided_at, signed_at),
                                (5, 'sent', signed_at, posted_at), (6, 'answered', posted_at, answered_at),
                                (7, 'told', answered_at, sent_at)) AS s (place, step, before, at)
     WHERE s.at IS NOT NULL AND s.before IS NOT NULL
)
SELECT step, count(*) AS copies,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 1) AS p50_ms,
       round((percentile_cont(0.95) WITHIN GROUP (ORDER BY ms))::numeric, 1) AS p95_ms,
       round((percentile_cont(0.99) WITHIN GROUP (ORDER BY ms))::numeric, 1) AS p99_ms
  FROM steps
 GROUP BY place, step
 ORDER BY place
