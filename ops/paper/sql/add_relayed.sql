INSERT INTO paper.relayed (transaction_id, wallet, signer, kind, nonce, calls, submitted_at, mined_at, confirmed_at, error,
                           transaction_hash)
VALUES (%(transaction_id)s, %(wallet)s, %(signer)s, %(kind)s, %(nonce)s, %(calls)s::jsonb, %(submitted_at)s, %(mined_at)s,
        %(confirmed_at)s, %(error)s, %(transaction_hash)s)
ON CONFLICT (transaction_id) DO NOTHING
