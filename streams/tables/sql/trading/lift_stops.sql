-- The account's audit agrees: its BUYs may go again; those stopped because something left, only when somebody says so.
UPDATE account_stops SET over_at = clock_timestamp(), over_by = %(over_by)s
 WHERE account_id = %(account_id)s AND over_at IS NULL AND (%(all)s OR cause <> 'external')
