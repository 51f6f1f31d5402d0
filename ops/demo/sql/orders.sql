-- Orders that were signed for copies.
SELECT count(*)::bigint AS orders FROM orders WHERE copy_order_id IS NOT NULL
