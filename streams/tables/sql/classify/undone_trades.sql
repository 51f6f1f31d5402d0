SELECT t.wallet, t.trade_id, t.kind, t.source, t.token_id, t.tx_hash, t.undoes, t.content,
       t.leader_message, t.smart_message
  FROM trades t
  JOIN unnest(%(wallets)b::text[], %(undoes)b::text[]) AS a(wallet, undoes)
    ON t.wallet = a.wallet AND (t.trade_id = a.undoes OR t.undoes = a.undoes)
