-- Orders by hand that can have no order any more: a BUY past its quote, anything of a closed market.
SELECT h.manual_order_id, CASE WHEN m.closed THEN 'MARKET_CLOSED' ELSE 'TOO_OLD' END AS reason, h.attempts
  FROM manual_orders h
  LEFT JOIN markets m ON m.token_id = h.token_id
 WHERE h.state = 'planned' AND (m.closed OR (h.side = 'BUY' AND h.deadline < clock_timestamp()))
 LIMIT %(most)s
