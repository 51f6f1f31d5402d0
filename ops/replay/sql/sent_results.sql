-- How many ends of copy orders this run has sent, by follower: those of decisions that end a copy order at once.
SELECT c.follower, count(*) FROM shadow.decisions d JOIN copy_orders c USING (copy_order_id)
 WHERE d.run = %(run)s AND d.now_reason NOT IN ('PLANNED', 'WAITING', 'NONE', 'ONLY_NOW') AND c.follower IS NOT NULL
 GROUP BY c.follower
