SELECT asked.allocation_id, asked.token_id, l.lot_id, l.market_id, l.shares, l.cost_usdc, l.target_shares, l.adds,
       l.opened_traded_at, l.applied_number, l.tick, l.fee_rate
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
CROSS JOIN LATERAL (
    SELECT * FROM lots
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
      AND closed_at IS NULL AND allocation_id IS NOT NULL
    LIMIT 1) l;
