-- The newest trades of a wallet since then, without what a reorg took away.
SELECT r.trade_id, r.kind, r.source, r.wallet, r.side, r.token_id, r.size, r.price, r.usdc, r.tx_hash, r.order_hash,
       r.traded_at
  FROM trades r
 WHERE r.wallet = %(leader)s AND r.traded_at >= %(since)s AND r.traded_at <= %(until)s AND r.kind <> 'undone'
   AND NOT EXISTS (SELECT 1 FROM trades u WHERE u.wallet = r.wallet AND u.undoes = r.trade_id)
 ORDER BY coalesce(r.leader_number, r.smart_number) DESC NULLS LAST, r.appended_at DESC, r.trade_id DESC
 LIMIT %(most)s
