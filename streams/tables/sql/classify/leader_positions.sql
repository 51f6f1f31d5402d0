SELECT p.wallet, p.token_id, p.shares, p.gap, p.unsure, p.traded,
       p.buy_burst_started_at, p.buy_burst_latest_at, p.buy_burst_first,
       p.sell_burst_started_at, p.sell_burst_latest_at, p.number
  FROM leader_positions p
  JOIN unnest(%(wallets)b::text[], %(token_ids)b::text[]) AS a(wallet, token_id)
    ON p.wallet = a.wallet AND p.token_id = a.token_id
