-- Exit orders that an ended following ([Stop, keep positions] sells neither) or a closed market leaves.
SELECT x.exit_order_id, x.allocation_id, CASE WHEN a.state = 'ended' THEN 'FOLLOWING_ENDED' ELSE 'MARKET_CLOSED' END AS reason,
       x.attempts
  FROM exit_orders x
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = x.allocation_id
  LEFT JOIN markets m ON m.token_id = x.token_id
 WHERE x.state = 'planned' AND (a.state = 'ended' OR m.closed)
 LIMIT %(most)s
