-- Followings with the settings they had then, and what their BUYs held and had spent of that day.
SELECT f.allocation_id, f.account_id, f.leader, f.venue, v.version, v.state, v.settings,
       (SELECT coalesce(sum(c.reserve_usdc), 0) FROM copy_orders c
         WHERE c.allocation_id = f.allocation_id AND c.side = 'BUY' AND c.decided_at <= %(at)s
           AND (c.ended_at IS NULL OR c.ended_at > %(at)s)) AS reserved_usdc,
       (SELECT coalesce(sum(CASE WHEN c.ended_at IS NULL OR c.ended_at > %(at)s THEN c.reserve_usdc
                                 ELSE c.filled_usdc + c.fee_usdc END), 0)
          FROM copy_orders c
         WHERE c.allocation_id = f.allocation_id AND c.side = 'BUY' AND c.taken_up AND c.reserve_usdc IS NOT NULL
           AND c.decided_at <= %(at)s
           AND c.decided_at >= date_trunc('day', %(at)s::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
       AS day_spent_usdc
  FROM copy_trading_allocations f
  JOIN LATERAL (
       SELECT h.version, h.state, h.settings FROM allocation_history h
        WHERE h.allocation_id = f.allocation_id AND h.changed_at <= %(at)s
        ORDER BY h.version DESC
        LIMIT 1) v ON true
 WHERE f.user_id = %(name)s OR f.allocation_id = %(name)s
 ORDER BY f.allocation_id
