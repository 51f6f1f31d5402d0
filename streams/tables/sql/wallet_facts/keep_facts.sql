INSERT INTO wallet_facts
    (wallet, computed_at, days, seen_since, last_trade_at, trades, buys, sells, markets, trades_per_day, every_seconds,
     stake_median_usdc, stake_largest_usdc, price_low, price_high, buys_over_minimum, categories, main_categories,
     result_usdc, best_usdc, result_markets, won_markets, ended_markets)
VALUES
    (%(wallet)s, clock_timestamp(), %(days)s, %(seen_since)s, %(last_trade_at)s, %(trades)s, %(buys)s, %(sells)s,
     %(markets)s, %(trades_per_day)s, %(every_seconds)s, %(stake_median_usdc)s, %(stake_largest_usdc)s, %(price_low)s,
     %(price_high)s, %(buys_over_minimum)s, %(categories)s::jsonb, %(main_categories)s, %(result_usdc)s, %(best_usdc)s,
     %(result_markets)s, %(won_markets)s, %(ended_markets)s)
ON CONFLICT (wallet) DO UPDATE
   SET computed_at = EXCLUDED.computed_at, days = EXCLUDED.days, seen_since = EXCLUDED.seen_since,
       last_trade_at = EXCLUDED.last_trade_at, trades = EXCLUDED.trades, buys = EXCLUDED.buys, sells = EXCLUDED.sells,
       markets = EXCLUDED.markets, trades_per_day = EXCLUDED.trades_per_day, every_seconds = EXCLUDED.every_seconds,
       stake_median_usdc = EXCLUDED.stake_median_usdc, stake_largest_usdc = EXCLUDED.stake_largest_usdc,
       price_low = EXCLUDED.price_low, price_high = EXCLUDED.price_high,
       buys_over_minimum = EXCLUDED.buys_over_minimum, categories = EXCLUDED.categories,
       main_categories = EXCLUDED.main_categories, result_usdc = EXCLUDED.result_usdc, best_usdc = EXCLUDED.best_usdc,
       result_markets = EXCLUDED.result_markets, won_markets = EXCLUDED.won_markets,
       ended_markets = EXCLUDED.ended_markets
