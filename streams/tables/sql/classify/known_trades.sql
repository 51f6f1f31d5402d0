WITH asked AS (
    SELECT * FROM unnest(%(wallets)b::text[], %(trade_ids)b::text[], %(tx_hashes)b::text[])
        AS a(wallet, trade_id, tx_hash)
)
SELECT t.wallet, t.trade_id, t.kind, t.source, t.token_id, t.tx_hash, t.undoes, t.content,
       t.leader_message, t.smart_message
  FROM trades t JOIN asked a ON t.wallet = a.wallet AND t.trade_id = a.trade_id
UNION
SELECT t.wallet, t.trade_id, t.kind, t.source, t.token_id, t.tx_hash, t.undoes, t.content,
       t.leader_message, t.smart_message
  FROM trades t JOIN asked a ON t.tx_hash = a.tx_hash AND t.wallet = a.wallet
