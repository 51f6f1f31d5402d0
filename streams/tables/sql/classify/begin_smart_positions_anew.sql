UPDATE smart_traders_positions
   SET shares = 0, gap = 0, unsure = true,
       buy_burst_started_at = NULL, buy_burst_latest_at = NULL, buy_burst_first = false,
       sell_burst_started_at = NULL, sell_burst_latest_at = NULL
 WHERE wallet = ANY(%(wallets)s)
