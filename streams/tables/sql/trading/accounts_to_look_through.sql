-- Accounts that may trade, and since when their orders at the exchange are looked through: the last booking, at least so
-- far back (SAFETY R19).
SELECT a.account_id, a.venue,
       LEAST(COALESCE((SELECT e.booked_at FROM cash_entries e WHERE e.account_id = a.account_id
                        ORDER BY e.entry_id DESC LIMIT 1), a.opened_at),
             clock_timestamp() - %(back_seconds)s * interval '1 second') AS since
  FROM accounts a
 WHERE a.state = 'ready' AND a.venue = ANY(%(venues)s)
 ORDER BY a.account_id
