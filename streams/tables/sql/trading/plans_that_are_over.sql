-- What no look before a POST will end: BUYs nobody could send in time, and what an ended following or market leaves.
SELECT c.copy_order_id, c.allocation_id,
       CASE WHEN a.state = 'ended' THEN 'FOLLOWING_ENDED'
            WHEN m.closed THEN 'MARKET_CLOSED'
            ELSE 'TOO_OLD' END AS reason,
       c.attempts, c.filled_shares > 0 AS filled
  FROM copy_orders c
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN markets m ON m.token_id = c.token_id
 WHERE c.state IN ('waiting', 'planned')
   AND (a.state = 'ended' OR m.closed
        OR (c.side = 'BUY' AND c.state = 'planned' AND c.deadline + %(grace)s * interval '1 second' < clock_timestamp()))
 LIMIT %(most)s
