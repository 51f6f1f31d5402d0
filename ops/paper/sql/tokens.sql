SELECT token_id, market_id, condition_id, question, outcome, tick, min_buy_micro, min_rest_micro, fee_rate, fee_exponent,
       neg_risk, accepting_orders, closed, seconds_delay, end_at, last_price, last_side, payout_micro, resolved_at
  FROM paper.tokens
 ORDER BY market_id, token_id
