SELECT a.wallet, w.label,
       EXISTS (SELECT FROM trades t WHERE t.wallet = a.wallet) AS known,
       (SELECT c.allocation_id FROM copy_trading_allocations c
         WHERE c.leader = a.wallet AND c.user_id = %(user_id)s AND c.state <> 'ended'
         ORDER BY c.venue = 'polymarket' DESC, c.created_at DESC LIMIT 1) AS allocation_id,
       EXISTS (SELECT FROM accounts o WHERE o.user_id = %(user_id)s AND o.wallet = a.wallet) AS own
  FROM unnest(%(wallets)s::text[]) WITH ORDINALITY AS a(wallet, place)
  LEFT JOIN watched_addresses w ON w.wallet = a.wallet
 ORDER BY a.place
