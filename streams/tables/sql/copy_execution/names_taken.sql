SELECT copy_order_id FROM copy_orders WHERE copy_order_id = ANY(%(names)s::text[]);
