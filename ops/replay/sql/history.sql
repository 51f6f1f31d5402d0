-- All that is stored of these wallets, in the order in which it came.
SELECT t.wallet, t.trade_id, t.kind, t.source, t.token_id, t.tx_hash, t.undoes, t.content, t.leader_message, t.smart_message,
       t.leader_number, t.smart_number, t.appended_at, t.classified_at
  FROM trades t WHERE t.wallet = ANY(%(wallets)s::text[])
 ORDER BY t.appended_at, coalesce(t.leader_number, t.smart_number)
