SELECT s.signal_id, s.wallet, w.label AS wallet_label, w.win_rate, s.token_id, m.question, m.outcome, m.category,
       m.end_at, s.usdc, s.shares, s.average_price, s.fills, s.first_entry, s.first_at, s.last_at
  FROM smart_signals s
  LEFT JOIN watched_addresses w ON w.wallet = s.wallet
  LEFT JOIN markets m ON m.token_id = s.token_id
 WHERE (%(min_usdc)s::numeric IS NULL OR s.usdc >= %(min_usdc)s::numeric)
   AND (%(first_entry)s::boolean IS NULL OR s.first_entry = %(first_entry)s::boolean)
   AND (%(max_age)s::bigint IS NULL OR s.last_at >= now() - make_interval(secs => %(max_age)s::bigint))
   AND (%(category)s::text IS NULL OR lower(m.category) = lower(%(category)s::text))
   AND (%(wallet)s::text IS NULL OR s.wallet = %(wallet)s::text)
   AND (%(at)s::timestamptz IS NULL OR (s.first_at, s.signal_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY s.first_at DESC, s.signal_id DESC
 LIMIT %(rows)s
