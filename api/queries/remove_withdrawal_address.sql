UPDATE withdrawal_addresses SET removed_at = clock_timestamp(), removed_because = %(because)s
 WHERE address_id = %(address_id)s AND user_id = %(user_id)s AND removed_at IS NULL
