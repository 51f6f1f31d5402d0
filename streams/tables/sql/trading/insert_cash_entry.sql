INSERT INTO cash_entries (account_id, cause, ref, usdc) VALUES (%(account_id)s, %(cause)s, %(ref)s, %(usdc)s)
