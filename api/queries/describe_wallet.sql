UPDATE watched_addresses
   SET label = coalesce(%(label)s, label), win_rate = coalesce(%(win_rate)s, win_rate), updated_at = clock_timestamp()
 WHERE wallet = %(wallet)s
   AND (label IS DISTINCT FROM coalesce(%(label)s, label) OR win_rate IS DISTINCT FROM coalesce(%(win_rate)s, win_rate))
