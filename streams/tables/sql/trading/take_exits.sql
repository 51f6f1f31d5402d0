UPDATE exit_orders SET state = 'submitting', cause = 'its order is signed', next_attempt_at = NULL
 WHERE exit_order_id = ANY(%(exit_order_ids)s) AND state = 'planned'
RETURNING exit_order_id
