INSERT INTO leader_values (wallet, taken_at, usdc)
SELECT wallet, taken_at, max(usdc)
  FROM unnest(%(wallets)b::text[], %(taken_at)b::timestamptz[], %(usdc)b::numeric[]) AS v(wallet, taken_at, usdc)
 GROUP BY wallet, taken_at
ON CONFLICT (wallet, taken_at) DO UPDATE SET usdc = greatest(leader_values.usdc, EXCLUDED.usdc)
