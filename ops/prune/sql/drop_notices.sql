-- The oldest of them; what was merged into another goes before that one.
WITH old AS (
    SELECT n.notification_id FROM notifications n
     WHERE n.created_at < clock_timestamp() - %(kept)s::interval
       AND (n.shown_revision >= n.revision OR n.route IN ('off', 'impossible'))
       AND NOT EXISTS (SELECT FROM notifications m WHERE m.merged_into = n.notification_id)
     ORDER BY n.notification_id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notifications n USING old WHERE n.notification_id = old.notification_id RETURNING 1
)
SELECT count(*) FROM gone
