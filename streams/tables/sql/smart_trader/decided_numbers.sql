SELECT d.wallet, d.number
  FROM smart_decisions d
  JOIN unnest(%(wallets)s::text[], %(numbers)s::bigint[]) AS a(wallet, number)
    ON d.wallet = a.wallet AND d.number = a.number
