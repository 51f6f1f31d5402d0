-- What is open in these tokens: BUYs with their reserves, shares still on sale, whether something waits.
SELECT asked.allocation_id, asked.token_id, open.buys, open.reserved, open.selling, open.waiting
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE side = 'BUY' AND state <> 'waiting') AS buys,
           coalesce(sum(reserve_usdc) FILTER (WHERE side = 'BUY' AND state <> 'waiting'), 0) AS reserved,
           coalesce(sum(shares - filled_shares) FILTER (WHERE side = 'SELL' AND state <> 'waiting'), 0) AS selling,
           bool_or(state = 'waiting') AS waiting
    FROM copy_orders
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
      AND state IN ('waiting', 'planned', 'submitting', 'unknown')) open
WHERE open.waiting IS NOT NULL;
