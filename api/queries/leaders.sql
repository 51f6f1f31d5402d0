SELECT f.wallet, w.label, f.trades_per_day, f.stake_median_usdc, f.ended_markets, f.seen_since, f.last_trade_at,
       f.result_usdc, f.categories, f.ended_markets::bigint * 1000000 + least(f.markets, 999999) AS rank,
       (SELECT c.allocation_id FROM copy_trading_allocations c
         WHERE c.leader = f.wallet AND c.user_id = %(user_id)s AND c.state <> 'ended'
         ORDER BY c.venue = 'polymarket' DESC, c.created_at DESC LIMIT 1) AS allocation_id
  FROM wallet_facts f
  JOIN watched_addresses w ON w.wallet = f.wallet
 WHERE f.ended_markets >= %(ended_markets)s
   AND f.seen_since <= now() - make_interval(days => %(seen_days)s::integer)
   AND f.last_trade_at > now() - interval '30 days'
   AND f.trades_per_day > 0 AND f.stake_median_usdc IS NOT NULL
   AND EXISTS (SELECT FROM wallet_roles r WHERE r.wallet = f.wallet AND r.to_at IS NULL)
   AND NOT EXISTS (SELECT FROM accounts o WHERE o.user_id = %(user_id)s AND o.wallet = f.wallet)
   AND (%(stake)s::numeric IS NULL OR f.stake_median_usdc >= %(stake)s::numeric)
   AND (%(busy)s::numeric IS NULL OR f.trades_per_day >= %(busy)s::numeric)
   AND (%(category)s::text IS NULL OR f.main_categories @> ARRAY[%(category)s::text])
   AND (%(rank)s::bigint IS NULL
        OR (f.ended_markets::bigint * 1000000 + least(f.markets, 999999), f.wallet) < (%(rank)s::bigint, %(id)s::text))
 ORDER BY rank DESC, f.wallet DESC
 LIMIT %(rows)s
