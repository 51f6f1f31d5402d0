INSERT INTO smart_signals
    (signal_id, wallet, token_id, burst_started_at, usdc, shares, average_price, fills, first_at, last_at, first_entry)
SELECT * FROM unnest(
    %(names)b::text[], %(wallets)b::text[], %(token_ids)b::text[], %(started)b::timestamptz[], %(usdc)b::numeric[],
    %(shares)b::numeric[], %(averages)b::numeric[], %(fills)b::integer[], %(first_at)b::timestamptz[],
    %(last_at)b::timestamptz[], %(first_entries)b::boolean[])
ON CONFLICT (wallet, token_id, burst_started_at) DO UPDATE
   SET usdc = EXCLUDED.usdc, shares = EXCLUDED.shares, average_price = EXCLUDED.average_price,
       fills = EXCLUDED.fills, first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at
