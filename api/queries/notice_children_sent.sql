UPDATE notifications SET sent_at = clock_timestamp() WHERE merged_into = %(notification_id)s AND sent_at IS NULL
