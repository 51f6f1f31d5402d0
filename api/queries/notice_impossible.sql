UPDATE notifications SET route = 'impossible', claimed_until = NULL, fault = %(words)s
 WHERE notification_id = %(notification_id)s AND shown_revision < revision
