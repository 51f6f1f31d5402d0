UPDATE notifications
   SET claimed_until = NULL, fault = %(words)s,
       due_at = clock_timestamp() + make_interval(secs => coalesce(%(retry_after)s, least(power(2, attempts), 300)))
 WHERE notification_id = %(notification_id)s AND shown_revision < revision
