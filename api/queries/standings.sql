-- How followings of one user do: money, what became of the trades that reached us today (UTC), how late, how often he trades.
WITH asked AS (
    SELECT a.allocation_id, a.account_id, a.leader
      FROM copy_trading_allocations a
     WHERE a.allocation_id = ANY (%(allocation_ids)s) AND a.user_id = %(user_id)s
), today AS (
    SELECT c.allocation_id, c.state, c.reason, count(*) AS copies,
           coalesce(sum(c.filled_usdc) FILTER (WHERE c.side = 'BUY'), 0) AS bought_usdc
      FROM copy_orders c
     WHERE c.user_id = %(user_id)s AND c.appended_at >= date_trunc('day', now(), 'UTC')
       AND c.allocation_id = ANY (%(allocation_ids)s)
     GROUP BY c.allocation_id, c.state, c.reason
), delays AS (
    SELECT c.allocation_id,
           percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM o.answered_at - c.traded_at)) AS s
      FROM copy_orders c
      JOIN orders o ON o.copy_order_id = c.copy_order_id AND o.attempt = 1
     WHERE c.user_id = %(user_id)s AND c.appended_at >= date_trunc('day', now(), 'UTC')
       AND c.allocation_id = ANY (%(allocation_ids)s) AND c.state IN ('filled', 'partial') AND o.answered_at IS NOT NULL
     GROUP BY c.allocation_id
)
SELECT a.allocation_id, open.lots_usdc + way.reserved_usdc AS at_work_usdc, open.positions, open.worth_usdc,
       open.lots_usdc, coalesce(t.realised_usdc, 0) AS realised_usdc, coalesce(fees.usdc, 0) AS fees_usdc, way.under_way,
       day.copied_today, day.skipped_today, day.bought_today_usdc, day.skips_today, day.due_today, day.answered_today,
       d.s[1] AS delay_p50_seconds, d.s[2] AS delay_p95_seconds, recent.last_trade_at, recent.every_seconds
  FROM asked a
  LEFT JOIN lot_totals t ON t.account_id = a.account_id AND t.allocation_id = a.allocation_id
  LEFT JOIN delays d ON d.allocation_id = a.allocation_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS positions, coalesce(sum(l.cost_usdc), 0) AS lots_usdc,
              CASE WHEN bool_and(v.worth_usdc IS NOT NULL) THEN sum(v.worth_usdc) END AS worth_usdc
         FROM lots l
         LEFT JOIN lot_worth v ON v.lot_id = l.lot_id
        WHERE l.allocation_id = a.allocation_id AND l.closed_at IS NULL) open
 CROSS JOIN LATERAL (
       SELECT sum(l.fees_usdc) AS usdc FROM lots l WHERE l.allocation_id = a.allocation_id) fees
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE c.side = 'BUY') AS under_way, coalesce(sum(c.reserve_usdc), 0) AS reserved_usdc
         FROM copy_orders c
        WHERE c.allocation_id = a.allocation_id AND c.state IN ('waiting', 'planned', 'submitting', 'unknown')) way
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(y.copies) FILTER (WHERE y.state IN ('filled', 'partial')), 0) AS copied_today,
              coalesce(sum(y.copies) FILTER (WHERE y.state IN ('skipped', 'expired')), 0) AS skipped_today,
              coalesce(sum(y.bought_usdc), 0) AS bought_today_usdc,
              coalesce(sum(y.copies), 0) AS due_today,
              coalesce(sum(y.copies) FILTER (WHERE y.state NOT IN ('waiting', 'planned', 'submitting', 'unknown')), 0)
                  AS answered_today,
              coalesce((SELECT json_object_agg(k.reason, k.copies)
                          FROM (SELECT z.reason, sum(z.copies) AS copies FROM today z
                                 WHERE z.allocation_id = a.allocation_id AND z.state IN ('skipped', 'expired')
                                 GROUP BY z.reason) k), '{}') AS skips_today
         FROM today y
        WHERE y.allocation_id = a.allocation_id) day
 CROSS JOIN LATERAL (
       -- The last fifty trades say how often he trades, whatever a month ago was.
       SELECT max(n.traded_at) AS last_trade_at,
              (extract(epoch FROM max(n.traded_at) - min(n.traded_at)) / nullif(count(*) - 1, 0))::integer AS every_seconds
         FROM (SELECT r.traded_at FROM trades r
                WHERE r.wallet = a.leader AND r.leader_number IS NOT NULL AND r.kind = 'trade'
                ORDER BY r.leader_number DESC LIMIT 50) n) recent
