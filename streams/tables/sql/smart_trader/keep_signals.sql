INSERT INTO smart_signals
    (signal_id, wallet, token_id, burst_started_at, usdc, shares, average_price, fills, first_at, last_at, first_entry)
SELECT * FROM unnest(
    %(names)s::text[], %(wallets)s::text[], %(token_ids)s::text[], %(started)s::timestamptz[], %(usdc)s::numeric[],
    %(shares)s::numeric[], %(averages)s::numeric[], %(fills)s::integer[], %(first_at)s::timestamptz[],
    %(last_at)s::timestamptz[], %(first_entries)s::boolean[])
ON CONFLICT (wallet, token_id, burst_started_at) DO UPDATE
   SET usdc = EXCLUDED.usdc, shares = EXCLUDED.shares, average_price = EXCLUDED.average_price,
       fills = EXCLUDED.fills, first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at
