-- The account's audit agrees: its BUYs may go again; those stopped because something left, because orders were found that
-- nobody knew (SAFETY R19), or because the exchange refused what lies in the account, only when somebody says so. That the
-- exchange lets it only sell is over when a look finds so (lift_closed_only).
UPDATE account_stops SET over_at = clock_timestamp(), over_by = %(over_by)s
 WHERE account_id = %(account_id)s AND over_at IS NULL AND cause <> 'closed_only'
   AND (%(all)s OR cause NOT IN ('external', 'found', 'refusals'))
