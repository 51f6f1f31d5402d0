SELECT d.wallet, d.number
  FROM smart_decisions d
  JOIN unnest(%(wallets)b::text[], %(numbers)b::bigint[]) AS a(wallet, number)
    ON d.wallet = a.wallet AND d.number = a.number
