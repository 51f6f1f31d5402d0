SELECT l.allocation_id, l.token_id, l.lot_id, l.market_id, l.shares, l.cost_usdc, l.target_shares, l.adds,
       l.opened_traded_at, l.applied_number, l.tick, l.fee_rate
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
JOIN lots l ON l.allocation_id = asked.allocation_id AND l.token_id = asked.token_id
WHERE l.closed_at IS NULL AND l.allocation_id IS NOT NULL;
