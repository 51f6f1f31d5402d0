SELECT l.lot_id::text AS position_id, CASE WHEN a.state <> 'ended' THEN a.leader ELSE 'by hand' END AS owner,
       l.allocation_id, a.leader, coalesce(n.label, w.label) AS leader_label, k.venue, l.token_id, l.market_id, m.question, m.outcome,
       l.shares, l.cost_usdc, round(l.cost_usdc / nullif(l.shares, 0), 6) AS average_price, l.realised_usdc,
       l.fees_usdc, m.payout, m.end_at, l.opened_at, l.closed_at, l.closed_by, v.bid, v.price_at, v.worth_usdc,
       v.open_usdc
  FROM positions l
  JOIN accounts k ON k.account_id = l.account_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = l.allocation_id
  LEFT JOIN watched_addresses w ON w.wallet = a.leader
  LEFT JOIN leader_labels n ON n.user_id = a.user_id AND n.leader = a.leader
  LEFT JOIN markets m ON m.token_id = l.token_id
  LEFT JOIN lot_worth v ON v.lot_id = l.lot_id
 WHERE l.user_id = %(user_id)s
   AND (%(open)s::boolean IS NULL OR (l.closed_at IS NULL) = %(open)s::boolean)
   AND (%(venue)s::text IS NULL OR k.venue = %(venue)s::text)
   AND (%(leader)s::text IS NULL OR a.leader = %(leader)s::text)
   AND (%(token_id)s::text IS NULL OR l.token_id = %(token_id)s::text)
   AND (%(at)s::timestamptz IS NULL OR (l.opened_at, l.lot_id) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY l.opened_at DESC, l.lot_id DESC
 LIMIT %(rows)s
