UPDATE manual_orders SET state = 'submitting', cause = 'its order is signed', next_attempt_at = NULL
 WHERE manual_order_id = ANY(%(manual_order_ids)s) AND state = 'planned'
RETURNING manual_order_id
