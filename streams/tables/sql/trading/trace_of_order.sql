SELECT trade_traces.traceparent, copy_orders.copy_order_id
FROM orders
JOIN copy_orders USING (copy_order_id)
JOIN trade_traces ON trade_traces.wallet = copy_orders.leader AND trade_traces.trade_id = copy_orders.trade_id
WHERE orders.order_hash = %(order_hash)s;
