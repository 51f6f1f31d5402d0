-- Copy orders that end without an order of theirs at the exchange.
WITH ended AS (
    SELECT * FROM unnest(%(copy_order_id)s::text[], %(state)s::text[], %(reason)s::text[], %(reject_reason)s::text[],
                         %(cause)s::text[]) AS e (copy_order_id, state, reason, reject_reason, cause)
)
UPDATE copy_orders c
   SET state = CASE WHEN c.filled_shares > 0 THEN 'partial' ELSE ended.state END, reason = ended.reason, reject_reason = ended.reject_reason, cause = ended.cause,
       next_attempt_at = NULL, ended_at = clock_timestamp()
  FROM ended
 WHERE c.copy_order_id = ended.copy_order_id AND c.state IN ('waiting', 'planned')
RETURNING c.copy_order_id, c.trade_id, c.allocation_id, c.user_id, c.follower, c.leader, c.venue, c.side, c.token_id,
          c.state, c.reason, c.reject_reason, c.filled_usdc, c.filled_shares, c.fee_usdc, c.realised_usdc
