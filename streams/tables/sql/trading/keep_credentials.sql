UPDATE wallet_keys SET sealed_api = %(sealed_api)s WHERE account_id = %(account_id)s
