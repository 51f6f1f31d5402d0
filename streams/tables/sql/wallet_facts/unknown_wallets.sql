-- Watched wallets about which nothing was worked out yet.
SELECT w.wallet
  FROM watched_addresses w
 WHERE NOT EXISTS (SELECT FROM wallet_facts f WHERE f.wallet = w.wallet) AND w.wallet <> ALL(%(aside)s::text[])
 ORDER BY w.added_at
 LIMIT %(most)s
