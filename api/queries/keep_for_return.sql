UPDATE notifications SET route = 'away', claimed_until = NULL
 WHERE user_id = %(user_id)s AND shown_revision < revision AND (route IS NULL OR route IN ('chat', 'evening'))
