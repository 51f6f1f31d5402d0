-- The copy BUYs of wallets that are followed themselves (SAFETY R12).
SELECT asked.wallet, asked.token_id, copied.decided_at
FROM unnest(%(wallets)s::text[], %(tokens)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])
     AS asked (wallet, token_id, since, until)
CROSS JOIN LATERAL (
    SELECT decided_at FROM copy_orders
    WHERE follower = asked.wallet AND token_id = asked.token_id AND decided_at BETWEEN asked.since AND asked.until
      AND taken_up AND side = 'BUY' AND amount_usdc IS NOT NULL
    LIMIT 1) copied;
