SELECT c.state, c.reason, count(*) AS copies,
       coalesce(sum(c.filled_usdc) FILTER (WHERE c.side = 'BUY'), 0) AS bought_usdc,
       coalesce(sum(c.filled_usdc) FILTER (WHERE c.side = 'SELL'), 0) AS sold_usdc,
       coalesce(sum(c.fee_usdc), 0) AS fee_usdc, coalesce(sum(c.realised_usdc), 0) AS realised_usdc
  FROM copy_orders c
 WHERE (%(user_id)s::text IS NULL OR c.user_id = %(user_id)s::text)
   AND (%(wallet)s::text IS NULL OR c.leader = %(wallet)s::text)
   AND (%(allocation)s::text IS NULL OR c.allocation_id = %(allocation)s::text)
   AND (%(from_at)s::timestamptz IS NULL OR c.appended_at >= %(from_at)s::timestamptz)
   AND (%(to_at)s::timestamptz IS NULL OR c.appended_at < %(to_at)s::timestamptz)
 GROUP BY c.state, c.reason
