INSERT INTO lot_entries (lot_id, cause, ref, shares, cost_usdc, realised_usdc, fee_usdc)
VALUES (%(lot_id)s, %(cause)s, %(ref)s, %(shares)s, %(cost_usdc)s, %(realised_usdc)s, %(fee_usdc)s)
