-- Copies that ended without an order, longer ago than what they were decided by is kept; and by how many days.
SELECT count(*), extract(epoch FROM clock_timestamp() - %(kept)s::interval - min(c.ended_at)) / 86400
  FROM copy_orders c
 WHERE c.state IN ('skipped', 'expired') AND c.ended_at < clock_timestamp() - %(kept)s::interval
   AND (c.inputs IS NOT NULL OR c.checks IS NOT NULL)
