INSERT INTO fills (fill_id, order_hash, account_id, side, token_id, shares, usdc, price, fee_usdc, status, matched_at)
VALUES (%(fill_id)s, %(order_hash)s, %(account_id)s, %(side)s, %(token_id)s, %(shares)s, %(usdc)s, %(price)s, %(fee_usdc)s,
        %(status)s, %(matched_at)s)
