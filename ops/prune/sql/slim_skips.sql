-- The oldest of them keep their answer (state, reason, cause) and let go of the rest: two thirds of their bytes. A copy
-- order itself is never deleted.
WITH old AS (
    SELECT c.copy_order_id FROM copy_orders c
     WHERE c.state IN ('skipped', 'expired') AND c.ended_at < clock_timestamp() - %(kept)s::interval
       AND (c.inputs IS NOT NULL OR c.checks IS NOT NULL)
     ORDER BY c.decided_at LIMIT %(rows)s FOR UPDATE SKIP LOCKED
), slim AS (
    UPDATE copy_orders c SET inputs = NULL, checks = NULL FROM old
     WHERE c.copy_order_id = old.copy_order_id RETURNING 1
)
SELECT count(*) FROM slim
