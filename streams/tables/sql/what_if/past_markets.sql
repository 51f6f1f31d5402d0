SELECT token_id, market_id, tick, fee_rate, min_buy_usdc, end_at, category, question, payout, resolved_at
  FROM markets
 WHERE token_id = ANY (%(tokens)s)
