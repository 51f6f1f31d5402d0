SELECT c.copy_order_id, c.allocation_id, c.allocation_version, c.user_id, c.leader, coalesce(n.label, w.label) AS leader_label,
       c.venue, c.trade_id, c.side, c.token_id, m.question, m.outcome, c.state, c.reason, c.reject_reason, c.reduced_by,
       c.amount_usdc, c.shares, c.limit_price, c.filled_shares, c.filled_usdc AS usdc, c.fee_usdc, c.realised_usdc,
       c.reversed, c.late_fill, c.attempts, c.traded_at, c.appended_at AS seen_at, c.decided_at, c.ended_at
  FROM copy_orders c
  LEFT JOIN watched_addresses w ON w.wallet = c.leader
  LEFT JOIN leader_labels n ON n.user_id = c.user_id AND n.leader = c.leader
  LEFT JOIN markets m ON m.token_id = c.token_id
 WHERE (%(user_id)s::text IS NULL OR c.user_id = %(user_id)s::text)
   AND (%(account_id)s::text IS NULL OR c.account_id = %(account_id)s::text)
   AND (%(states)s::text[] IS NULL OR c.state = ANY (%(states)s::text[]))
   AND (%(reasons)s::text[] IS NULL OR c.reason = ANY (%(reasons)s::text[]))
   AND (%(wallet)s::text IS NULL OR c.leader = %(wallet)s::text)
   AND (%(allocation)s::text IS NULL OR c.allocation_id = %(allocation)s::text)
   AND (%(from_at)s::timestamptz IS NULL OR c.appended_at >= %(from_at)s::timestamptz)
   AND (%(to_at)s::timestamptz IS NULL OR c.appended_at < %(to_at)s::timestamptz)
   AND (%(at)s::timestamptz IS NULL OR (c.appended_at, c.copy_order_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY c.appended_at DESC, c.copy_order_id DESC
 LIMIT %(rows)s
