INSERT INTO leader_values (wallet, taken_at, usdc)
SELECT wallet, taken_at, max(usdc)
  FROM unnest(%(wallets)s::text[], %(taken_at)s::timestamptz[], %(usdc)s::numeric[]) AS v(wallet, taken_at, usdc)
 GROUP BY wallet, taken_at
ON CONFLICT (wallet, taken_at) DO UPDATE SET usdc = greatest(leader_values.usdc, EXCLUDED.usdc)
