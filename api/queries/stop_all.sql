WITH buying AS (
    SELECT allocation_id FROM copy_trading_allocations
     WHERE user_id = %(user_id)s AND state = 'active'
     ORDER BY allocation_id
       FOR UPDATE
)
UPDATE copy_trading_allocations a
   SET state = 'paused', version = a.version + 1, changed_at = clock_timestamp(), stopped_at = clock_timestamp()
  FROM buying
 WHERE a.allocation_id = buying.allocation_id
RETURNING a.allocation_id
