-- Orders of which nobody knows what became of them.
SELECT count(*)::bigint AS orders FROM orders WHERE state IN ('unknown', 'submitting')
