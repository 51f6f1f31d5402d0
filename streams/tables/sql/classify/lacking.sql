-- Wallets of which a message is a dead letter that was neither redriven nor put away.
SELECT DISTINCT m.wallet FROM missing_messages m WHERE m.wallet = ANY(%(wallets)s) AND m.ended_at IS NULL
