SELECT notification_id, user_id, kind FROM notifications WHERE notification_id = %(notification_id)s FOR UPDATE
