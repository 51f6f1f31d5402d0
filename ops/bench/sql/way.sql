-- Each trade: its append, and when the last of its orders was marked as posted and taken by the exchange.
SELECT c.trade_id, min(c.appended_at) AS appended, max(o.posted_at) AS posted, max(v.placed_at) AS arrived,
       count(*) AS copies, count(v.order_id) AS orders
  FROM copy_orders c
  LEFT JOIN orders o ON o.copy_order_id = c.copy_order_id
  LEFT JOIN paper.orders v ON v.order_id = o.order_hash
 GROUP BY c.trade_id;
