-- Copy orders that were under way then, in the state they had.
SELECT c.copy_order_id, c.allocation_id, c.side, c.token_id, t.to_state AS state, c.reserve_usdc, c.shares
  FROM copy_orders c
  JOIN LATERAL (
       SELECT t.to_state FROM copy_order_transitions t
        WHERE t.copy_order_id = c.copy_order_id AND t.at <= %(at)s
        ORDER BY t.transition_id DESC
        LIMIT 1) t ON true
 WHERE (c.user_id = %(name)s OR c.allocation_id = %(name)s)
   AND t.to_state IN ('waiting', 'planned', 'submitting', 'unknown')
 ORDER BY c.copy_order_id
