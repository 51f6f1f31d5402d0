-- The database allows one BUY of a copy order; this counts what it should never find.
SELECT coalesce(sum(n - 1), 0)::bigint AS bought_twice
  FROM (SELECT count(*) AS n
          FROM orders
         WHERE side = 'BUY' AND copy_order_id IS NOT NULL AND signed_at > now() - interval '1 day'
         GROUP BY copy_order_id
        HAVING count(*) > 1) twice
