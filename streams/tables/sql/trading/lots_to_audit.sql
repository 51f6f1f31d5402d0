-- Open lots of an account in a token, those by hand first.
SELECT l.lot_id, l.allocation_id, l.account_id, l.user_id, l.token_id, l.market_id, l.shares, l.cost_usdc, l.target_shares,
       l.adds, l.realised_usdc, l.fees_usdc, l.applied_number, l.opened_traded_at, l.tick, l.fee_rate, l.neg_risk,
       l.exchange_version, NULL::float8 AS bought_seconds_ago, false AS closed
  FROM lots l
 WHERE l.account_id = %(account_id)s AND l.token_id = %(token_id)s AND l.closed_at IS NULL
 ORDER BY l.allocation_id NULLS FIRST, l.lot_id
   FOR UPDATE
