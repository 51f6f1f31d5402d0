COPY made_smart_traders_positions
      (wallet, token_id, shares, gap, unsure, traded, buy_burst_started_at, buy_burst_latest_at, buy_burst_first,
       sell_burst_started_at, sell_burst_latest_at, number) FROM STDIN
