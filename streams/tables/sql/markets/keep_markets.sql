INSERT INTO markets
    (token_id, version, market_id, question, outcome, tick, min_buy_usdc, min_rest_shares, fee_rate, neg_risk,
     exchange_version, category, end_at, closed, payout, resolved_at)
SELECT * FROM unnest(
    %(token_id)b::text[], %(version)b::bigint[], %(market_id)b::text[], %(question)b::text[], %(outcome)b::text[],
    %(tick)b::numeric[], %(min_buy_usdc)b::numeric[], %(min_rest_shares)b::numeric[], %(fee_rate)b::numeric[],
    %(neg_risk)b::boolean[], %(exchange_version)b::smallint[], %(category)b::text[], %(end_at)b::timestamptz[],
    %(closed)b::boolean[], %(payout)b::numeric[], %(resolved_at)b::timestamptz[])
ON CONFLICT (token_id) DO UPDATE
   SET version = EXCLUDED.version, market_id = EXCLUDED.market_id, question = EXCLUDED.question,
       outcome = EXCLUDED.outcome, tick = EXCLUDED.tick, min_buy_usdc = EXCLUDED.min_buy_usdc,
       min_rest_shares = EXCLUDED.min_rest_shares, fee_rate = EXCLUDED.fee_rate, neg_risk = EXCLUDED.neg_risk,
       exchange_version = EXCLUDED.exchange_version, category = EXCLUDED.category, end_at = EXCLUDED.end_at,
       closed = EXCLUDED.closed, payout = EXCLUDED.payout, resolved_at = EXCLUDED.resolved_at, seen_at = now()
 WHERE markets.version < EXCLUDED.version
