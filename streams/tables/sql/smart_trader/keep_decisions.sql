INSERT INTO smart_decisions
    (wallet, number, trade_id, token_id, burst_started_at, result, reason, usdc, shares, traded_at)
SELECT * FROM unnest(
    %(wallets)b::text[], %(numbers)b::bigint[], %(trade_ids)b::text[], %(token_ids)b::text[],
    %(started)b::timestamptz[], %(results)b::text[], %(reasons)b::text[], %(usdc)b::numeric[],
    %(shares)b::numeric[], %(traded_at)b::timestamptz[])
