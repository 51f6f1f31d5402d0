UPDATE accounts SET state = 'ready', wallet = %(wallet)s, signature_type = %(signature_type)s WHERE account_id = %(account_id)s AND state = 'opening'
