-- Of these trades, those that the living version has stored, and decided where they are of a copy_leader.
SELECT t.wallet, t.trade_id
  FROM trades t JOIN unnest(%(wallets)s::text[], %(trade_ids)s::text[]) AS a(wallet, trade_id)
    ON t.wallet = a.wallet AND t.trade_id = a.trade_id
  LEFT JOIN leader_decisions d ON d.leader = t.wallet AND d.number = t.leader_number
 WHERE t.leader_number IS NULL OR d.leader IS NOT NULL
