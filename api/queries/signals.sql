WITH page AS MATERIALIZED (
    SELECT s.*, m.question, m.outcome, m.category, m.end_at, p.bid, p.offer, p.bid_depth_usdc, p.offer_depth_usdc, p.seen_at
      FROM smart_signals s
      LEFT JOIN markets m ON m.token_id = s.token_id
      LEFT JOIN token_prices p ON p.venue = %(venue)s AND p.token_id = s.token_id
                              AND p.seen_at > clock_timestamp() - interval '60 seconds'
     WHERE (%(min_usdc)s::numeric IS NULL OR s.usdc >= %(min_usdc)s::numeric)
       AND (%(first_entry)s::boolean IS NULL OR s.first_entry = %(first_entry)s::boolean)
       AND (%(max_age)s::bigint IS NULL OR s.last_at >= now() - make_interval(secs => %(max_age)s::bigint))
       AND (%(category)s::text IS NULL OR lower(m.category) = lower(%(category)s::text))
       AND (%(wallet)s::text IS NULL OR s.wallet = %(wallet)s::text)
       AND (%(max_move)s::numeric IS NULL OR p.offer - s.average_price <= %(max_move)s::numeric)
       AND (%(at)s::timestamptz IS NULL OR (s.first_at, s.signal_id) < (%(at)s::timestamptz, %(id)s::text))
     ORDER BY s.first_at DESC, s.signal_id DESC
     LIMIT %(rows)s
)
SELECT s.signal_id, s.wallet, w.label AS wallet_label, w.win_rate, s.token_id, s.question, s.outcome, s.category,
       s.end_at, s.usdc, s.shares, s.average_price, s.fills, s.first_entry, s.first_at, s.last_at,
       s.last_at > clock_timestamp() - interval '5 minutes' AS fresh,
       s.bid, s.offer, s.bid_depth_usdc, s.offer_depth_usdc, s.seen_at,
       round(extract(epoch FROM clock_timestamp() - s.seen_at), 3) AS age_seconds, s.offer - s.average_price AS moved,
       (SELECT count(DISTINCT o.wallet) FROM smart_signals o
         WHERE o.token_id = s.token_id AND o.wallet <> s.wallet
           AND o.last_at >= s.first_at - interval '24 hours' AND o.first_at <= s.last_at + interval '24 hours') AS consensus,
       (SELECT sum(d.usdc) FROM smart_decisions d WHERE d.wallet = s.wallet AND d.token_id = s.token_id) AS held_usdc,
       w.imported_markets, coalesce(f.result_usdc, w.imported_result_usdc) AS wallet_result_usdc,
       f.seen_since AS wallet_seen_since, f.result_markets, f.won_markets,
       c.signals, c.after_1h_usdc, c.after_24h_usdc, c.after_24h_net_usdc, c.at_end_usdc, c.at_end_net_usdc
  FROM page s
  LEFT JOIN watched_addresses w ON w.wallet = s.wallet
  LEFT JOIN wallet_facts f ON f.wallet = s.wallet
  LEFT JOIN wallet_scores c ON c.wallet = s.wallet
 ORDER BY s.first_at DESC, s.signal_id DESC
