SELECT token_id, market_id, tick, fee_rate, min_buy_usdc, end_at, closed, category, question
FROM markets
WHERE token_id = ANY(%(tokens)s::text[]);
