SELECT count(*) FROM copy_orders c
  JOIN unnest(%(wallets)s::text[], %(trade_ids)s::text[]) AS wanted(wallet, trade_id)
    ON c.trade_id = wanted.trade_id AND c.leader = wanted.wallet
