-- Since when the wallet's trades are known, what its portfolio was last worth, and the asker's cash at the venue.
SELECT (SELECT min(r.traded_at) FROM trades r WHERE r.wallet = %(leader)s) AS known_since,
       (SELECT v.usdc FROM leader_values v WHERE v.wallet = %(leader)s ORDER BY v.taken_at DESC LIMIT 1) AS value_usdc,
       (SELECT a.cash_usdc FROM accounts a WHERE a.user_id = %(user_id)s AND a.venue = %(venue)s) AS cash_usdc
