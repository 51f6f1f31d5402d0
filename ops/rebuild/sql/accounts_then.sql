-- Cash is walked back from now by what was booked since; what was held for BUYs and withdrawals whose end was not
-- proven then.
SELECT a.account_id, a.user_id, a.venue, a.wallet,
       a.cash_usdc - (SELECT coalesce(sum(e.usdc), 0) FROM cash_entries e
                       WHERE e.account_id = a.account_id AND e.booked_at > %(at)s) AS cash_usdc,
       (SELECT coalesce(sum(c.reserve_usdc), 0) FROM copy_orders c
         WHERE c.account_id = a.account_id AND c.side = 'BUY' AND c.decided_at <= %(at)s
           AND (c.ended_at IS NULL OR c.ended_at > %(at)s))
       + (SELECT coalesce(sum(h.reserve_usdc), 0) FROM manual_orders h
           WHERE h.account_id = a.account_id AND h.side = 'BUY' AND h.decided_at <= %(at)s
             AND (h.ended_at IS NULL OR h.ended_at > %(at)s))
       + (SELECT coalesce(sum(w.usdc), 0) FROM withdrawals w
           WHERE w.account_id = a.account_id AND w.asked_at <= %(at)s AND (w.ended_at IS NULL OR w.ended_at > %(at)s))
       AS reserved_usdc
  FROM accounts a
 WHERE a.opened_at <= %(at)s
   AND (a.user_id = %(name)s
        OR a.account_id = (SELECT f.account_id FROM copy_trading_allocations f WHERE f.allocation_id = %(name)s))
 ORDER BY a.account_id
