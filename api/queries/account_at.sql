SELECT account_id, state, wallet, cash_usdc FROM accounts WHERE user_id = %(user_id)s AND venue = %(venue)s
