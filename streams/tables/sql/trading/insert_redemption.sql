-- A wallet has one nonce: not while a withdrawal of the account is signed. The caller holds the account's lock.
INSERT INTO redemptions (redemption_id, account_id, market_id, attempt, shares, usdc, nonce, expires_at, body, state, cause,
                         worker_epoch)
SELECT %(redemption_id)s, %(account_id)s, %(market_id)s, %(attempt)s, %(shares)s, %(usdc)s, %(nonce)s, %(expires_at)s,
       %(body)s, 'signed', 'signed', %(epoch)s
 WHERE NOT EXISTS (SELECT 1 FROM withdrawals w
                    WHERE w.account_id = %(account_id)s AND w.ended_at IS NULL AND w.body IS NOT NULL)
