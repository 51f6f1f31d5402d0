-- What is open, per token: BUYs with their reserves, shares still on sale, whether something waits.
SELECT allocation_id, token_id, market_id,
       count(*) FILTER (WHERE side = 'BUY' AND state <> 'waiting'),
       coalesce(sum(reserve_usdc) FILTER (WHERE side = 'BUY' AND state <> 'waiting'), 0),
       coalesce(sum(shares - filled_shares) FILTER (WHERE side = 'SELL' AND state <> 'waiting'), 0),
       bool_or(state = 'waiting')
FROM copy_orders
WHERE allocation_id = ANY(%(allocations)s) AND state IN ('waiting', 'planned', 'submitting', 'unknown')
GROUP BY allocation_id, token_id, market_id;
