-- Realised per owner and day (UTC): fees are in the cost of what was bought and off the proceeds of what was sold.
SELECT l.allocation_id, (e.booked_at AT TIME ZONE 'UTC')::date AS day, sum(e.realised_usdc) AS realised_usdc,
       sum(e.fee_usdc) AS fees_usdc
  FROM lots l
  JOIN accounts k ON k.account_id = l.account_id
  JOIN lot_entries e ON e.lot_id = l.lot_id
 WHERE l.user_id = %(user_id)s AND k.venue = %(venue)s
   AND e.booked_at >= date_trunc('day', now(), 'UTC') - (%(days)s::int - 1) * interval '1 day'
 GROUP BY l.allocation_id, day
