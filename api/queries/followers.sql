SELECT u.user_id, u.label, a.account_id, a.venue, f.followings, l.at_work_usdc, l.realised_usdc, c.copied, c.skipped,
       c.failed, d.delay_p95_seconds, a.day_cap_usdc, a.armed_at, a.opened_at
  FROM accounts a
  JOIN users u ON u.user_id = a.user_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS followings
         FROM copy_trading_allocations f
        WHERE f.account_id = a.account_id AND f.state <> 'ended') f
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(t.cost_usdc), 0) AS at_work_usdc, coalesce(sum(t.realised_usdc), 0) AS realised_usdc
         FROM lot_totals t
        WHERE t.account_id = a.account_id) l
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE c.state IN ('filled', 'partial')) AS copied,
              count(*) FILTER (WHERE c.state IN ('skipped', 'expired')) AS skipped,
              count(*) FILTER (WHERE c.state IN ('unfilled', 'rejected')) AS failed
         FROM copy_orders c
        WHERE c.user_id = a.user_id AND c.account_id = a.account_id AND c.appended_at > now() - interval '24 hours') c
 CROSS JOIN LATERAL (
       SELECT round(percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM o.answered_at - c.traded_at))::numeric, 3)
                  AS delay_p95_seconds
         FROM copy_orders c
         JOIN orders o ON o.copy_order_id = c.copy_order_id AND o.attempt = 1
        WHERE c.user_id = a.user_id AND c.account_id = a.account_id AND c.appended_at > now() - interval '24 hours') d
 WHERE (%(armed)s::boolean IS NULL OR (a.venue = 'polymarket' AND a.armed_at IS NOT NULL) = %(armed)s::boolean)
   AND (%(at)s::timestamptz IS NULL OR (a.opened_at, a.account_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY a.opened_at DESC, a.account_id DESC
 LIMIT %(rows)s
