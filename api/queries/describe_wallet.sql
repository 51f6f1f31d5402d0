-- What is said of a wallet replaces what was known; what is not said stays. The same said again changes nothing.
UPDATE watched_addresses
   SET label = coalesce(%(label)s, label), win_rate = coalesce(%(win_rate)s, win_rate),
       imported_markets = coalesce(%(markets)s, imported_markets), imported_score = coalesce(%(score)s, imported_score),
       imported_result_usdc = coalesce(%(result_usdc)s, imported_result_usdc),
       imported_at = CASE WHEN %(imported)s THEN clock_timestamp() ELSE imported_at END, updated_at = clock_timestamp()
 WHERE wallet = %(wallet)s
   AND (label, win_rate, imported_markets, imported_score, imported_result_usdc)
       IS DISTINCT FROM (coalesce(%(label)s, label), coalesce(%(win_rate)s, win_rate),
                         coalesce(%(markets)s, imported_markets), coalesce(%(score)s, imported_score),
                         coalesce(%(result_usdc)s, imported_result_usdc))
