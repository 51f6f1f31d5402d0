-- What became of lots that a resolved market has just ended (UX §3).
INSERT INTO notifications (user_id, kind, event, body)
SELECT l.user_id, 'market_resolved', 'lot:' || l.lot_id,
       jsonb_build_object('allocation_id', l.allocation_id, 'account_id', l.account_id, 'token_id', l.token_id,
                          'market_id', l.market_id, 'shares', abs(e.shares)::text,
                          'usdc', (abs(e.cost_usdc) + e.realised_usdc)::text, 'realised_usdc', e.realised_usdc::text)
  FROM lots l JOIN lot_entries e ON e.lot_id = l.lot_id AND e.cause = 'payout'
 WHERE l.lot_id = ANY(%(lot_ids)s)
ON CONFLICT (user_id, kind, event) DO NOTHING
