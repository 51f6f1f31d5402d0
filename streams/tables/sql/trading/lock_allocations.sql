SELECT allocation_id
  FROM copy_trading_allocations
 WHERE allocation_id IN (SELECT c.allocation_id FROM orders o JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
                          WHERE o.order_hash = ANY(%(order_hashes)s)
                         UNION
                         SELECT x.allocation_id FROM orders o JOIN exit_orders x ON x.exit_order_id = o.exit_order_id
                          WHERE o.order_hash = ANY(%(order_hashes)s)
                         UNION
                         SELECT h.allocation_id FROM orders o JOIN manual_orders h ON h.manual_order_id = o.manual_order_id
                          WHERE o.order_hash = ANY(%(order_hashes)s)
                         UNION
                         SELECT c.allocation_id FROM copy_orders c WHERE c.copy_order_id = ANY(%(copy_order_ids)s)
                         UNION
                         SELECT unnest(%(allocation_ids)s::text[]))
 ORDER BY allocation_id
   FOR NO KEY UPDATE
