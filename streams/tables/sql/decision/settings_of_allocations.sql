SELECT allocation_id, version, settings::text FROM copy_trading_allocations WHERE allocation_id = ANY(%(allocations)s::text[]);
