-- What is open in these tokens: BUYs with their reserves, shares still on sale, whether something waits.
SELECT c.allocation_id, c.token_id,
       count(*) FILTER (WHERE c.side = 'BUY' AND c.state <> 'waiting'),
       coalesce(sum(c.reserve_usdc) FILTER (WHERE c.side = 'BUY' AND c.state <> 'waiting'), 0),
       coalesce(sum(c.shares - c.filled_shares) FILTER (WHERE c.side = 'SELL' AND c.state <> 'waiting'), 0),
       bool_or(c.state = 'waiting')
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
JOIN copy_orders c ON c.allocation_id = asked.allocation_id AND c.token_id = asked.token_id
WHERE c.state IN ('waiting', 'planned', 'submitting', 'unknown')
GROUP BY c.allocation_id, c.token_id;
