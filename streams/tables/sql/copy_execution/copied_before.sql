SELECT trade_id, allocation_id FROM copy_orders WHERE trade_id = ANY(%(trades)s::text[]) AND leader = ANY(%(leaders)s::text[]);
