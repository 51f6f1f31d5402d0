-- Each trade: its append, and when the last of its orders was marked as posted and taken by the exchange.
SELECT c.trade_id, min(c.appended_at) AS appended, max(o.posted_at) AS posted, max(v.placed_at) AS arrived,
       min(c.times ->> 'classified')::timestamptz AS classified, min(c.times ->> 'received')::timestamptz AS received,
       min(c.times ->> 'locked')::timestamptz AS locked, min(c.decided_at) AS decided, max(o.signed_at) AS signed,
       count(*) AS copies, count(v.order_id) AS orders
  FROM copy_orders c
  LEFT JOIN orders o ON o.copy_order_id = c.copy_order_id
  LEFT JOIN paper.orders v ON v.order_id = o.order_hash
 GROUP BY c.trade_id;
