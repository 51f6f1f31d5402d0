INSERT INTO markets
    (token_id, version, market_id, question, outcome, tick, min_buy_usdc, min_rest_shares, fee_rate, neg_risk,
     exchange_version, category, end_at, closed, payout, resolved_at)
SELECT * FROM unnest(
    %(token_id)s::text[], %(version)s::bigint[], %(market_id)s::text[], %(question)s::text[], %(outcome)s::text[],
    %(tick)s::numeric[], %(min_buy_usdc)s::numeric[], %(min_rest_shares)s::numeric[], %(fee_rate)s::numeric[],
    %(neg_risk)s::boolean[], %(exchange_version)s::smallint[], %(category)s::text[], %(end_at)s::timestamptz[],
    %(closed)s::boolean[], %(payout)s::numeric[], %(resolved_at)s::timestamptz[])
ON CONFLICT (token_id) DO UPDATE
   SET version = EXCLUDED.version, market_id = EXCLUDED.market_id, question = EXCLUDED.question,
       outcome = EXCLUDED.outcome, tick = EXCLUDED.tick, min_buy_usdc = EXCLUDED.min_buy_usdc,
       min_rest_shares = EXCLUDED.min_rest_shares, fee_rate = EXCLUDED.fee_rate, neg_risk = EXCLUDED.neg_risk,
       exchange_version = EXCLUDED.exchange_version, category = EXCLUDED.category, end_at = EXCLUDED.end_at,
       closed = EXCLUDED.closed, payout = EXCLUDED.payout, resolved_at = EXCLUDED.resolved_at, seen_at = now()
 WHERE markets.version < EXCLUDED.version
