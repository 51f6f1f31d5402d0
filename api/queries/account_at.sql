SELECT account_id, state, wallet, cash_usdc, armed_at FROM accounts WHERE user_id = %(user_id)s AND venue = %(venue)s
