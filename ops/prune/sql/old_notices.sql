-- Notices that nobody waits for any more: shown, or never to be shown.
SELECT count(*), extract(epoch FROM clock_timestamp() - %(kept)s::interval - min(n.created_at)) / 86400
  FROM notifications n
 WHERE n.created_at < clock_timestamp() - %(kept)s::interval
   AND (n.shown_revision >= n.revision OR n.route IN ('off', 'impossible'))
   AND NOT EXISTS (SELECT FROM notifications m WHERE m.merged_into = n.notification_id)
