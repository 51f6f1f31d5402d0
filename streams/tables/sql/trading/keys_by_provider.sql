SELECT provider, count(*) FROM wallet_keys GROUP BY provider ORDER BY provider
