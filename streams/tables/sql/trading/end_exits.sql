-- Exit orders that end without an order of theirs at the exchange.
UPDATE exit_orders x
   SET state = CASE WHEN x.filled_shares > 0 THEN 'partial' ELSE e.state END, reason = e.reason,
       reject_reason = e.reject_reason, cause = e.cause, next_attempt_at = NULL, ended_at = clock_timestamp()
  FROM unnest(%(exit_order_id)s::text[], %(state)s::text[], %(reason)s::text[], %(reject_reason)s::text[],
              %(cause)s::text[]) AS e (exit_order_id, state, reason, reject_reason, cause)
 WHERE x.exit_order_id = e.exit_order_id AND x.state = 'planned'
RETURNING x.exit_order_id, x.copy_order_id, x.allocation_id, x.user_id, x.token_id, x.state, x.reason, x.reject_reason,
          x.cause_kind, x.shares, x.filled_shares, x.filled_usdc
