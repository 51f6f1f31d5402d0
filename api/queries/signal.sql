SELECT s.signal_id, s.wallet, w.label AS wallet_label, w.win_rate, s.token_id, m.question, m.outcome, m.category,
       m.end_at, s.usdc, s.shares, s.average_price, s.fills, s.first_entry, s.first_at, s.last_at
  FROM smart_signals s
  LEFT JOIN watched_addresses w ON w.wallet = s.wallet
  LEFT JOIN markets m ON m.token_id = s.token_id
 WHERE s.signal_id = %(signal_id)s
