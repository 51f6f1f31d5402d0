-- The highest value taken within 24 hours counts (SAFETY R20).
SELECT DISTINCT ON (wallet) wallet, usdc, taken_at
FROM leader_values
WHERE wallet = ANY(%(leaders)s::text[]) AND taken_at >= %(since)s
ORDER BY wallet, usdc DESC, taken_at DESC;
