-- The copies for which one step took longest, of those decided in a span of time.
SELECT w.copy_order_id, w.user_id, w.leader, w.side, w.state, round(w.ms::numeric, 1) AS ms, w.decided_at
  FROM (SELECT c.copy_order_id, c.user_id, c.leader, c.side, c.state, c.decided_at,
               extract(epoch FROM CASE %(step)s::text
                   WHEN 'seen' THEN c.appended_at - c.traded_at
                   WHEN 'classified' THEN (c.times->>'classified')::timestamptz - c.appended_at
                   WHEN 'decided' THEN (c.times->>'decided')::timestamptz - (c.times->>'classified')::timestamptz
                   WHEN 'signed' THEN o.signed_at - (c.times->>'decided')::timestamptz
                   WHEN 'sent' THEN o.posted_at - o.signed_at
                   WHEN 'answered' THEN o.answered_at - o.posted_at
                   WHEN 'told' THEN n.sent_at - o.answered_at END) * 1000 AS ms
          FROM copy_orders c
          JOIN orders o ON o.copy_order_id = c.copy_order_id AND o.attempt = 1
          LEFT JOIN notifications n ON n.user_id = c.user_id AND n.event = c.copy_order_id AND n.kind LIKE 'copy\_%%'
         WHERE c.decided_at >= %(since)s::timestamptz AND c.decided_at < %(until)s::timestamptz) w
 WHERE w.ms IS NOT NULL
 ORDER BY w.ms DESC, w.copy_order_id
 LIMIT %(rows)s
