INSERT INTO signal_grades (signal_id, horizon, wallet, due_at, graded_at, price, gross_usdc, net_usdc)
SELECT * FROM unnest(%(signal_ids)b::text[], %(horizons)b::text[], %(wallets)b::text[], %(due_at)b::timestamptz[],
                     %(graded_at)b::timestamptz[], %(prices)b::numeric[], %(gross)b::numeric[], %(net)b::numeric[])
ON CONFLICT (signal_id, horizon) DO NOTHING
