-- The copy BUYs of wallets that are followed themselves (SAFETY R12).
SELECT c.follower, c.token_id, c.decided_at
FROM unnest(%(wallets)s::text[], %(tokens)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])
     AS asked (wallet, token_id, since, until)
JOIN copy_orders c ON c.follower = asked.wallet AND c.token_id = asked.token_id
 AND c.decided_at BETWEEN asked.since AND asked.until
WHERE c.taken_up AND c.side = 'BUY' AND c.amount_usdc IS NOT NULL;
