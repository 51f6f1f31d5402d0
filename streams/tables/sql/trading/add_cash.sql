UPDATE accounts SET cash_usdc = cash_usdc + %(usdc)s WHERE account_id = %(account_id)s
