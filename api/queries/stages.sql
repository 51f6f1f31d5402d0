SELECT (SELECT count(*) FROM trades WHERE traded_at > now() - interval '1 minute') AS trades_last_minute,
       (SELECT max(decided_at) FROM leader_decisions) AS last_decided_at,
       (SELECT count(*) FROM smart_signals WHERE first_at > now() - interval '1 minute') AS signals_last_minute,
       (SELECT count(*) FROM notifications WHERE created_at > now() - interval '1 minute') AS notices_last_minute
