INSERT INTO smart_decisions
    (wallet, number, trade_id, token_id, burst_started_at, result, reason, usdc, shares, traded_at)
SELECT * FROM unnest(
    %(wallets)s::text[], %(numbers)s::bigint[], %(trade_ids)s::text[], %(token_ids)s::text[],
    %(started)s::timestamptz[], %(results)s::text[], %(reasons)s::text[], %(usdc)s::numeric[],
    %(shares)s::numeric[], %(traded_at)s::timestamptz[])
