INSERT INTO smart_traders_positions
    (wallet, token_id, shares, gap, unsure, traded, buy_burst_started_at, buy_burst_latest_at, buy_burst_first,
     sell_burst_started_at, sell_burst_latest_at, number)
SELECT * FROM unnest(
    %(wallets)b::text[], %(token_ids)b::text[], %(shares)b::numeric[], %(gaps)b::numeric[], %(unsure)b::boolean[],
    %(traded)b::boolean[], %(buys_started)b::timestamptz[], %(buys_latest)b::timestamptz[],
    %(buys_first)b::boolean[], %(sells_started)b::timestamptz[], %(sells_latest)b::timestamptz[],
    %(numbers)b::bigint[])
ON CONFLICT (wallet, token_id) DO UPDATE
   SET shares = EXCLUDED.shares, gap = EXCLUDED.gap, unsure = EXCLUDED.unsure, traded = EXCLUDED.traded,
       buy_burst_started_at = EXCLUDED.buy_burst_started_at, buy_burst_latest_at = EXCLUDED.buy_burst_latest_at,
       buy_burst_first = EXCLUDED.buy_burst_first, sell_burst_started_at = EXCLUDED.sell_burst_started_at,
       sell_burst_latest_at = EXCLUDED.sell_burst_latest_at, number = EXCLUDED.number
