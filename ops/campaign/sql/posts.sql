-- What was signed, how often something was posted, and what the exchange took.
SELECT (SELECT count(*) FROM orders)::bigint AS orders, (SELECT coalesce(sum(posts), 0) FROM orders)::bigint AS posts,
       (SELECT count(*) FROM paper.orders)::bigint AS at_venue
