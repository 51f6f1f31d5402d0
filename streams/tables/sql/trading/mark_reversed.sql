UPDATE copy_orders SET reversed = true WHERE copy_order_id = ANY(%(copy_order_ids)s) AND NOT reversed
