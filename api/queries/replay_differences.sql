-- What a run came to that was otherwise then: decisions, and messages of classify; the newest message first.
SELECT e.*
  FROM (SELECT d.place, d.part || '/decision/' || d.copy_order_id AS id, 'decision' AS what, d.copy_order_id AS name,
               d.part AS partition, d.leader, d.then_reason AS then, d.now_reason AS now, d.differ, d.then_decided,
               d.now_decided, d.decided_at
          FROM shadow.decisions d
         WHERE d.run = %(run)s AND d.differ <> '{}'
        UNION ALL
        SELECT m.place, m.part || '/message/' || m.said_as, 'message', m.trade_id, m.part, m.wallet, m.was, m.said_as,
               '{message}', NULL, NULL, NULL
          FROM shadow.messages m
         WHERE m.run = %(run)s AND m.was <> 'same' AND m.said_as <> 'dead_letter') e
 WHERE (%(then)s::text IS NULL OR e.then = %(then)s::text)
   AND (%(now)s::text IS NULL OR e.now = %(now)s::text)
   AND (%(rank)s::bigint IS NULL OR (e.place, e.id) < (%(rank)s::bigint, %(id)s::text))
 ORDER BY e.place DESC, e.id DESC
 LIMIT %(rows)s
