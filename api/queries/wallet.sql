SELECT a.wallet, w.label,
       ARRAY(SELECT r.role FROM wallet_roles r WHERE r.wallet = a.wallet AND r.to_at IS NULL ORDER BY r.role) AS roles,
       f.computed_at, coalesce(f.days, 30) AS days, f.seen_since, f.last_trade_at, f.trades_per_day, f.every_seconds,
       coalesce(f.buys, 0) AS buys, coalesce(f.sells, 0) AS sells, coalesce(f.markets, 0) AS markets,
       f.stake_median_usdc, f.stake_largest_usdc, coalesce(f.categories, '[]') AS categories, f.price_low, f.price_high,
       f.result_usdc, coalesce(f.result_markets, 0) AS result_markets, f.result_usdc - f.best_usdc AS result_without_best_usdc,
       coalesce(f.won_markets, 0) AS won_markets, coalesce(f.buys_over_minimum, 0) AS buys_over_minimum,
       v.usdc AS value_usdc, v.taken_at AS value_at, w.win_rate, w.imported_markets,
       (SELECT c.allocation_id FROM copy_trading_allocations c
         WHERE c.leader = a.wallet AND c.user_id = %(user_id)s AND c.state <> 'ended'
         ORDER BY c.venue = 'polymarket' DESC, c.created_at DESC LIMIT 1) AS allocation_id,
       now() AS as_of
  FROM (SELECT %(wallet)s::text AS wallet) a
  LEFT JOIN watched_addresses w ON w.wallet = a.wallet
  LEFT JOIN wallet_facts f ON f.wallet = a.wallet
  -- The highest of a day counts (SAFETY R20).
  LEFT JOIN LATERAL (SELECT l.usdc, l.taken_at FROM leader_values l
                      WHERE l.wallet = a.wallet AND l.taken_at > now() - interval '24 hours'
                      ORDER BY l.usdc DESC, l.taken_at DESC LIMIT 1) v ON true
