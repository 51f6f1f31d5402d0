UPDATE copy_orders SET state = 'submitting', cause = 'its order is signed', next_attempt_at = NULL
 WHERE copy_order_id = ANY(%(copy_order_ids)s) AND state = 'planned'
RETURNING copy_order_id
