SELECT account_id FROM accounts WHERE account_id = %(account_id)s
