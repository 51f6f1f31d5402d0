-- One trade's copy orders: how many, planned, the times of the stages, and when the last order was signed and stored.
SELECT count(*) AS copy_orders, count(*) FILTER (WHERE c.amount_usdc IS NOT NULL) AS planned,
       min(c.appended_at) AS appended, min(c.times ->> 'classified') AS classified,
       min(c.times ->> 'received') AS received, min(c.times ->> 'locked') AS locked,
       count(o.order_hash) AS orders, max(o.signed_at) AS signed, max(o.posted_at) AS posted,
       count(*) FILTER (WHERE c.ended_at IS NULL) AS still_open
FROM copy_orders c
LEFT JOIN orders o ON o.copy_order_id = c.copy_order_id
WHERE c.trade_id = %(trade_id)s;
