SELECT address_id FROM withdrawal_addresses WHERE address_id = %(address_id)s AND user_id = %(user_id)s
