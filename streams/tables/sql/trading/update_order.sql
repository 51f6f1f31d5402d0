UPDATE orders o
   SET state = r.state, cause = r.cause, words = COALESCE(r.words, o.words),
       reject_reason = COALESCE(r.reject_reason, o.reject_reason),
       answered_at = COALESCE(o.answered_at, clock_timestamp()), proven_at = COALESCE(o.proven_at, clock_timestamp()),
       venue_trade_ids = COALESCE(string_to_array(r.trade_ids, ','), o.venue_trade_ids),
       filled_shares = o.filled_shares + r.shares, filled_usdc = o.filled_usdc + r.usdc, fee_usdc = o.fee_usdc + r.fee_usdc
  FROM json_to_recordset(%(rows)s)
       AS r (order_hash text, state text, cause text, words text, reject_reason text, trade_ids text, shares numeric,
             usdc numeric, fee_usdc numeric)
 WHERE o.order_hash = r.order_hash
