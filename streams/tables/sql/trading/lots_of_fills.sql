-- The lots that these fills were booked in, and the open lot of the same pair of allocation and token.
SELECT l.lot_id, l.allocation_id, l.account_id, l.user_id, l.token_id, l.market_id, l.shares, l.cost_usdc, l.target_shares,
       l.adds, l.realised_usdc, l.fees_usdc, l.applied_number, l.opened_traded_at, l.tick, l.fee_rate, l.neg_risk,
       l.exchange_version, NULL::float8 AS bought_seconds_ago, l.closed_at IS NOT NULL AS closed
  FROM lots l
 WHERE l.lot_id = ANY(%(lot_ids)s)
    OR (l.closed_at IS NULL AND (l.allocation_id, l.token_id) IN
        (SELECT n.allocation_id, n.token_id FROM lots n WHERE n.lot_id = ANY(%(lot_ids)s)))
 ORDER BY l.lot_id
   FOR UPDATE
