INSERT INTO quotes (quote_id, user_id, account_id, venue, side, token_id, lot_id, allocation_id, amount_usdc, shares)
VALUES (%(quote_id)s, %(user_id)s, %(account_id)s, %(venue)s, %(side)s, %(token_id)s, %(lot_id)s, %(allocation_id)s,
        %(amount_usdc)s, %(shares)s)
ON CONFLICT DO NOTHING
