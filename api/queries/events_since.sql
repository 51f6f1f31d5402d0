-- Changes after a place, in the order (transaction, table, number), up to the oldest transaction that still runs: what
-- comes later has a higher place. `most` of each table are more than are told at one time.
WITH here AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS until, clock_timestamp() AS now)
SELECT here.until::text::bigint AS until, here.now, e.xid::text::bigint AS xid, e.source, e.id, e.user_id, e.at, e.body
  FROM here
  LEFT JOIN LATERAL (
       (SELECT t.xid, 'c' AS source, t.transition_id AS id, c.user_id, t.at,
               json_build_object('copy_order_id', t.copy_order_id, 'allocation_id', c.allocation_id, 'leader', c.leader,
                                 'venue', c.venue, 'side', c.side, 'token_id', c.token_id, 'state', t.to_state,
                                 'state_before', t.from_state, 'reason', c.reason, 'cause', t.cause) AS body
          FROM copy_order_transitions t
          JOIN copy_orders c ON c.copy_order_id = t.copy_order_id
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('c', t.transition_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.transition_id
         LIMIT %(most)s)
       UNION ALL
       (SELECT t.xid, 'd', t.letter_id, NULL, t.appended_at,
               json_build_object('letter_id', t.letter_id, 'topic', t.topic, 'partition', t.partition,
                                 'offset', t."offset", 'reason', t.reason, 'stage', t.stage)
          FROM dead_letters t
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('d', t.letter_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.letter_id
         LIMIT %(most)s)
       UNION ALL
       (SELECT t.xid, 'f', t.change_id, a.user_id, t.changed_at,
               json_build_object('allocation_id', t.allocation_id, 'leader', a.leader, 'venue', a.venue,
                                 'version', t.version, 'state', t.state, 'changed_by', t.changed_by)
          FROM allocation_history t
          JOIN copy_trading_allocations a ON a.allocation_id = t.allocation_id
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('f', t.change_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.change_id
         LIMIT %(most)s)
       UNION ALL
       (SELECT t.xid, 'l', t.entry_id, l.user_id, t.booked_at,
               json_build_object('position_id', l.lot_id::text, 'allocation_id', l.allocation_id, 'token_id', l.token_id,
                                 'cause', t.cause, 'shares', t.shares::text, 'closed', l.closed_at IS NOT NULL)
          FROM lot_entries t
          JOIN lots l ON l.lot_id = t.lot_id
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('l', t.entry_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.entry_id
         LIMIT %(most)s)
       UNION ALL
       (SELECT t.xid, 'n', t.notification_id, t.user_id, t.created_at,
               json_build_object('notification_id', t.notification_id::text, 'kind', t.kind, 'event', t.event)
          FROM notifications t
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('n', t.notification_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.notification_id
         LIMIT %(most)s)
       UNION ALL
       (SELECT t.xid, 'r', t.change_id, NULL, t.at,
               json_build_object('run', t.run, 'state', t.state, 'wanted', t.wanted, 'done', t.done, 'total', t.total)
          FROM shadow.run_changes t
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('r', t.change_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.change_id
         LIMIT %(most)s)
       UNION ALL
       (SELECT t.xid, 's', t.change_id, NULL, t.changed_at,
               json_build_object('name', t.name, 'stopped', t.stopped, 'who', t.who, 'note', t.note)
          FROM switch_history t
         WHERE t.xid >= %(xid)s::text::xid8 AND t.xid < here.until
           AND (t.xid > %(xid)s::text::xid8 OR ('s', t.change_id) > (%(source)s::text, %(id)s::bigint))
         ORDER BY t.xid, t.change_id
         LIMIT %(most)s)
       ORDER BY 1, 2, 3
       LIMIT %(most)s) e ON true
 ORDER BY e.xid, e.source, e.id
