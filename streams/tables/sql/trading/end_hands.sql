-- Orders by hand that end without an order of theirs at the exchange.
UPDATE manual_orders h
   SET state = CASE WHEN h.filled_shares > 0 THEN 'partial' ELSE e.state END, reason = e.reason,
       reject_reason = e.reject_reason, cause = e.cause, next_attempt_at = NULL, ended_at = clock_timestamp()
  FROM unnest(%(manual_order_id)s::text[], %(state)s::text[], %(reason)s::text[], %(reject_reason)s::text[],
              %(cause)s::text[]) AS e (manual_order_id, state, reason, reject_reason, cause)
 WHERE h.manual_order_id = e.manual_order_id AND h.state = 'planned'
RETURNING h.manual_order_id, h.state, h.reason
