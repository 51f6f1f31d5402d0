-- What is a day old is of no order that is still to go out.
WITH dropped AS (DELETE FROM trade_traces WHERE kept_at < now() - interval '1 day')
INSERT INTO trade_traces (wallet, trade_id, traceparent)
SELECT * FROM unnest(%(wallets)s::text[], %(trades)s::text[], %(traceparents)s::text[])
ON CONFLICT (wallet, trade_id) DO NOTHING;
