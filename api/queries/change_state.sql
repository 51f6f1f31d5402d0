-- What stop-all paused is no longer marked once its person does something else with it.
UPDATE copy_trading_allocations
   SET state = %(state)s, version = version + 1, changed_at = clock_timestamp(), stopped_at = NULL,
       ended_at = CASE WHEN %(state)s = 'ended' THEN clock_timestamp() END,
       buys_from = CASE WHEN %(state)s = 'active' THEN clock_timestamp() ELSE buys_from END
 WHERE allocation_id = %(allocation_id)s AND user_id = %(user_id)s
