-- The open positions by hand of these (locked) accounts in a token, where no order by hand is open.
SELECT l.lot_id, l.allocation_id, l.account_id, l.user_id, l.token_id, l.market_id, l.shares, l.cost_usdc, l.target_shares,
       l.adds, l.realised_usdc, l.fees_usdc, l.applied_number, l.opened_traded_at, l.tick, l.fee_rate, l.neg_risk,
       l.exchange_version, NULL::float8 AS bought_seconds_ago
  FROM lots l
 WHERE l.account_id = ANY(%(account_ids)s) AND l.token_id = %(token_id)s AND l.closed_at IS NULL AND l.allocation_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM manual_orders h
                    WHERE h.account_id = l.account_id AND h.token_id = l.token_id
                      AND h.state IN ('waiting', 'planned', 'submitting', 'unknown'))
 ORDER BY l.lot_id
   FOR UPDATE OF l
