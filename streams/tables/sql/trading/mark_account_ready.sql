UPDATE accounts SET state = 'ready', wallet = %(wallet)s WHERE account_id = %(account_id)s AND state = 'opening'
