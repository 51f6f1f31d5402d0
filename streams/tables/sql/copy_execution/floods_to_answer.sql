-- The oldest leader's first ones; another worker takes others.
SELECT leader, number, message, buys, most, noted_at
FROM flooded_buys
WHERE leader = (SELECT leader FROM flooded_buys ORDER BY noted_at LIMIT 1)
ORDER BY leader, number
LIMIT %(most)s::integer
FOR UPDATE SKIP LOCKED;
