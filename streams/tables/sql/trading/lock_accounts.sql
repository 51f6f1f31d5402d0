SELECT account_id
  FROM accounts
 WHERE account_id IN (SELECT account_id FROM orders WHERE order_hash = ANY(%(order_hashes)s)
                      UNION
                      SELECT account_id FROM copy_orders WHERE copy_order_id = ANY(%(copy_order_ids)s)
                      UNION
                      SELECT account_id FROM copy_trading_allocations WHERE allocation_id = ANY(%(allocation_ids)s)
                      UNION
                      SELECT unnest(%(account_ids)s::text[]))
 ORDER BY account_id
   FOR NO KEY UPDATE
