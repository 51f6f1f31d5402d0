-- What stop-all paused is no longer marked once its person does something else with it. One moment for all it sets.
WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at)
UPDATE copy_trading_allocations
   SET state = %(state)s, version = version + 1, changed_at = moment.at, stopped_at = NULL,
       ended_at = CASE WHEN %(state)s = 'ended' THEN moment.at END,
       buys_from = CASE WHEN %(state)s = 'active' THEN moment.at ELSE buys_from END
  FROM moment
 WHERE allocation_id = %(allocation_id)s AND user_id = %(user_id)s
