-- Copies of buys that are not over yet; trading looks at each once more before it is sent.
SELECT c.copy_order_id
  FROM copy_orders c
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
 WHERE a.user_id = %(user_id)s AND c.side = 'BUY' AND c.state IN ('waiting', 'planned', 'submitting', 'unknown')
