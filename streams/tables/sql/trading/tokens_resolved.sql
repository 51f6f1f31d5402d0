SELECT token_id, market_id, payout FROM markets WHERE payout IS NOT NULL
