SELECT t.wallet, t.trade_id, t.kind, t.source, t.token_id, t.tx_hash, t.undoes, t.content, t.leader_message, t.smart_message,
       t.leader_number, t.smart_number, t.appended_at, t.classified_at
  FROM trades t JOIN unnest(%(wallets)s::text[], %(trade_ids)s::text[]) AS a(wallet, trade_id)
    ON t.wallet = a.wallet AND t.trade_id = a.trade_id
