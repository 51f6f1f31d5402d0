-- The whole day before, in each person's zone, per venue.
WITH days AS (
    SELECT p.user_id, (p.day - 1)::timestamp AT TIME ZONE p.zone AS from_at, p.day::timestamp AT TIME ZONE p.zone AS to_at
      FROM unnest(%(user_ids)s::text[], %(days)s::date[], %(zones)s::text[]) AS p(user_id, day, zone)
), copies AS (
    SELECT d.user_id, c.venue,
           count(*) FILTER (WHERE c.state IN ('filled', 'partial')) AS copied,
           coalesce(sum(c.filled_usdc) FILTER (WHERE c.side = 'BUY'), 0) AS usdc,
           count(*) FILTER (WHERE c.state IN ('skipped', 'expired')) AS skipped,
           count(*) FILTER (WHERE c.state IN ('unfilled', 'rejected')) AS failed,
           count(*) FILTER (WHERE c.ended_at IS NOT NULL) AS answered, count(*) AS total,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.ended_at - c.traded_at)::numeric(12,3))
               FILTER (WHERE c.state IN ('filled', 'partial') AND c.side = 'BUY') AS delay_seconds
      FROM days d JOIN copy_orders c ON c.user_id = d.user_id AND c.appended_at >= d.from_at AND c.appended_at < d.to_at
     GROUP BY d.user_id, c.venue
), results AS (
    SELECT d.user_id, k.venue, sum(e.realised_usdc) AS result_usdc, sum(e.fee_usdc) AS fees_usdc
      FROM days d JOIN lots l ON l.user_id = d.user_id
      JOIN accounts k ON k.account_id = l.account_id
      JOIN lot_entries e ON e.lot_id = l.lot_id AND e.booked_at >= d.from_at AND e.booked_at < d.to_at
     WHERE l.closed_at IS NULL OR l.closed_at >= d.from_at
     GROUP BY d.user_id, k.venue
)
SELECT user_id, venue, coalesce(copied, 0) AS copied, coalesce(usdc, 0) AS usdc, coalesce(skipped, 0) AS skipped,
       coalesce(failed, 0) AS failed, coalesce(answered, 0) AS answered, coalesce(total, 0) AS total, delay_seconds,
       coalesce(result_usdc, 0) AS result_usdc, coalesce(fees_usdc, 0) AS fees_usdc
  FROM copies FULL JOIN results USING (user_id, venue)
 ORDER BY user_id, venue
