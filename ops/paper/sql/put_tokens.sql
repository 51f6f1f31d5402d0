INSERT INTO paper.tokens (token_id, market_id, condition_id, question, outcome, tick, min_buy_micro, min_rest_micro,
                          fee_rate, fee_exponent, neg_risk, accepting_orders, closed, seconds_delay, end_at,
                          last_price, last_side)
SELECT DISTINCT ON (token_id)
       token_id, market_id, condition_id, question, outcome, tick, min_buy_micro, min_rest_micro,
       fee_rate, fee_exponent, neg_risk, accepting_orders, closed, seconds_delay, end_at, last_price, last_side
  FROM jsonb_to_recordset(%(tokens)s::jsonb) AS t (
       token_id text, market_id text, condition_id text, question text, outcome text, tick numeric, min_buy_micro bigint,
       min_rest_micro bigint, fee_rate numeric, fee_exponent numeric, neg_risk boolean, accepting_orders boolean,
       closed boolean, seconds_delay integer, end_at timestamptz, last_price numeric, last_side text)
ON CONFLICT (token_id) DO UPDATE
   SET market_id = excluded.market_id, condition_id = excluded.condition_id, question = excluded.question,
       outcome = excluded.outcome, tick = excluded.tick, min_buy_micro = excluded.min_buy_micro,
       min_rest_micro = excluded.min_rest_micro, fee_rate = excluded.fee_rate, fee_exponent = excluded.fee_exponent,
       neg_risk = excluded.neg_risk, accepting_orders = excluded.accepting_orders, closed = excluded.closed,
       seconds_delay = excluded.seconds_delay, end_at = excluded.end_at,
       last_price = excluded.last_price, last_side = excluded.last_side
 WHERE tokens.resolved_at IS NULL
