SELECT from_state, to_state, cause, at
  FROM copy_order_transitions
 WHERE copy_order_id = %(copy_order_id)s
 ORDER BY transition_id
