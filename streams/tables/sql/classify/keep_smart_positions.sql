INSERT INTO smart_traders_positions
    (wallet, token_id, shares, gap, unsure, traded, buy_burst_started_at, buy_burst_latest_at, buy_burst_first,
     sell_burst_started_at, sell_burst_latest_at, number)
SELECT * FROM unnest(
    %(wallets)s::text[], %(token_ids)s::text[], %(shares)s::numeric[], %(gaps)s::numeric[], %(unsure)s::boolean[],
    %(traded)s::boolean[], %(buys_started)s::timestamptz[], %(buys_latest)s::timestamptz[],
    %(buys_first)s::boolean[], %(sells_started)s::timestamptz[], %(sells_latest)s::timestamptz[],
    %(numbers)s::bigint[])
ON CONFLICT (wallet, token_id) DO UPDATE
   SET shares = EXCLUDED.shares, gap = EXCLUDED.gap, unsure = EXCLUDED.unsure, traded = EXCLUDED.traded,
       buy_burst_started_at = EXCLUDED.buy_burst_started_at, buy_burst_latest_at = EXCLUDED.buy_burst_latest_at,
       buy_burst_first = EXCLUDED.buy_burst_first, sell_burst_started_at = EXCLUDED.sell_burst_started_at,
       sell_burst_latest_at = EXCLUDED.sell_burst_latest_at, number = EXCLUDED.number
