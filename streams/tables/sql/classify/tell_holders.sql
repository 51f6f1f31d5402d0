INSERT INTO notifications (user_id, kind, event, body)
SELECT l.user_id, 'leader_trade_lost', l.allocation_id || '/' || a.place,
       jsonb_build_object('allocation_id', l.allocation_id, 'leader', a.wallet, 'token_id', a.token_id,
                          'market_id', l.market_id, 'held_shares', l.shares::text, 'why', a.reason)
  FROM unnest(%(wallets)b::text[], %(token_ids)b::text[], %(places)b::text[], %(reasons)b::text[])
       AS a(wallet, token_id, place, reason)
  JOIN copy_trading_allocations c ON c.leader = a.wallet AND c.state <> 'ended'
  JOIN lots l ON l.allocation_id = c.allocation_id AND l.token_id = a.token_id AND l.closed_at IS NULL
ON CONFLICT (user_id, kind, event) DO NOTHING
