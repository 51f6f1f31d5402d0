-- What went to the exchange, and what it took.
SELECT (SELECT count(*) FROM orders)::bigint AS orders, (SELECT coalesce(sum(posts), 0) FROM orders)::bigint AS posts,
       (SELECT count(*) FROM copy_orders)::bigint AS copy_orders, (SELECT count(*) FROM paper.orders)::bigint AS at_venue
