-- Those that are paused of the ones named, or where none are named those that stop-all paused.
SELECT allocation_id FROM copy_trading_allocations
 WHERE user_id = %(user_id)s AND state = 'paused'
   AND CASE WHEN %(allocation_ids)s::text[] IS NULL THEN stopped_at IS NOT NULL
            ELSE allocation_id = ANY (%(allocation_ids)s::text[]) END
 ORDER BY allocation_id
   FOR UPDATE
