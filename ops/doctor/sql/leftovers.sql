-- What waits for too long, by kind, with the age of its oldest in seconds.
WITH unknown AS (
    SELECT o.order_hash, max(t.at) AS since FROM orders o
      JOIN order_transitions t ON t.order_hash = o.order_hash AND t.to_state = 'unknown'
     WHERE o.state = 'unknown' GROUP BY o.order_hash
    HAVING max(t.at) < clock_timestamp() - make_interval(secs => %(unknown)s)
), dead AS (
    SELECT d.first_seen_at FROM dead_letters d
     WHERE NOT EXISTS (SELECT FROM dead_letter_state s
                        WHERE s.letter_id = d.letter_id AND s.state IN ('redriven', 'repeated', 'quarantined'))
), late AS (
    SELECT due_at FROM notifications
     WHERE shown_revision < revision AND (route IS NULL OR route = 'chat')
       AND due_at < clock_timestamp() - make_interval(secs => %(notice)s)
       AND user_id IN (SELECT user_id FROM users WHERE telegram_id IS NOT NULL)
)
SELECT (SELECT count(*) FROM unknown) AS unknown,
       (SELECT extract(epoch FROM clock_timestamp() - min(since))::float8 FROM unknown) AS oldest_unknown,
       (SELECT count(*) FROM dead) AS letters, (SELECT min(first_seen_at) FROM dead) AS first_letter,
       (SELECT count(*) FROM late) AS notices,
       (SELECT extract(epoch FROM clock_timestamp() - min(due_at))::float8 FROM late) AS oldest_notice,
       (SELECT count(*) FROM outbox
         WHERE sent_at IS NULL AND created_at < clock_timestamp() - make_interval(secs => %(outbox)s)) AS unsent,
       (SELECT count(DISTINCT account_id) FROM account_stops WHERE over_at IS NULL) AS stopped,
       ARRAY(SELECT name FROM switches WHERE stopped AND name <> 'live' ORDER BY 1) AS switches
