INSERT INTO redemptions (redemption_id, account_id, market_id, attempt, shares, usdc, nonce, expires_at, body, state, cause,
                         worker_epoch)
VALUES (%(redemption_id)s, %(account_id)s, %(market_id)s, %(attempt)s, %(shares)s, %(usdc)s, %(nonce)s, %(expires_at)s,
        %(body)s, 'signed', 'signed', %(epoch)s)
