-- In these tokens: the open lot, BUYs that are open, what they hold and how many of them hold no SELL back any more (not
-- proven 10 s after their POST: RULES §4 check 5, SAFETY R6), shares still on sale, whether something waits, and what is
-- carried. Only where there is anything.
SELECT asked.allocation_id, asked.token_id, open.buys, open.reserved, open.overdue, open.selling + exits.selling + hands.selling, open.waiting, c.usdc, c.since,
       l.lot_id, l.market_id, l.shares, l.cost_usdc, l.target_shares, l.adds, l.opened_traded_at, l.applied_number,
       l.tick, l.fee_rate
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE side = 'BUY' AND state <> 'waiting') AS buys,
           coalesce(sum(reserve_usdc) FILTER (WHERE side = 'BUY' AND state <> 'waiting'), 0) AS reserved,
           count(*) FILTER (WHERE side = 'BUY' AND state IN ('submitting', 'unknown') AND EXISTS (
               SELECT 1 FROM orders o WHERE o.copy_order_id = copy_orders.copy_order_id
                  AND o.posted_at < clock_timestamp() - interval '10 seconds')) AS overdue,
           coalesce(sum(shares - filled_shares) FILTER (WHERE side = 'SELL' AND state <> 'waiting'), 0) AS selling,
           coalesce(bool_or(state = 'waiting'), false) AS waiting, count(*) AS orders
    FROM copy_orders
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
      AND state IN ('waiting', 'planned', 'submitting', 'unknown')) open
CROSS JOIN LATERAL (
    SELECT coalesce(sum(shares - filled_shares), 0) AS selling FROM exit_orders
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
      AND state IN ('planned', 'submitting')) exits
CROSS JOIN LATERAL (
    SELECT coalesce(sum(shares - filled_shares), 0) AS selling FROM manual_orders
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id AND side = 'SELL'
      AND state IN ('planned', 'submitting', 'unknown')) hands
LEFT JOIN LATERAL (
    SELECT * FROM lots
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
      AND closed_at IS NULL AND allocation_id IS NOT NULL
    LIMIT 1) l ON true
LEFT JOIN LATERAL (
    SELECT usdc, since FROM carried
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
    LIMIT 1) c ON true
WHERE open.orders > 0 OR l.lot_id IS NOT NULL OR c.usdc IS NOT NULL;
