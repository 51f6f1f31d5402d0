SELECT token_id, market_id, question, outcome, tick, min_buy_usdc, min_rest_shares, fee_rate, neg_risk, end_at,
       closed AND payout IS NULL AS closed, version
  FROM markets
 WHERE token_id = ANY(%(token_ids)s)
