-- What there is of copies and orders: a replay adds to neither.
SELECT (SELECT count(*) FROM copy_orders)::bigint AS copy_orders,
       (SELECT count(*) FROM copy_orders WHERE attempts > 0)::bigint AS attempted,
       (SELECT count(*) FROM orders)::bigint AS orders,
       (SELECT coalesce(sum(posts), 0) FROM orders)::bigint AS posts,
       (SELECT count(*) FROM paper.orders)::bigint AS at_venue,
       (SELECT count(*) FROM lots WHERE closed_at IS NULL)::bigint AS lots
