-- Those who act on what this transaction commits: `polycool_planned` wakes trading, `polycool_outbox` the relay.
SELECT pg_notify(channel, '') FROM unnest(%(channels)s::text[]) AS channel;
