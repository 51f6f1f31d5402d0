WITH over AS (
    UPDATE copy_trading_allocations a
       SET state = 'ended', version = a.version + 1, ended_at = clock_timestamp(), changed_at = clock_timestamp()
     WHERE a.allocation_id = ANY(%(allocation_ids)s) AND a.state = 'closing'
       AND NOT EXISTS (SELECT 1 FROM lots l WHERE l.allocation_id = a.allocation_id AND l.closed_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM copy_orders c WHERE c.allocation_id = a.allocation_id
                          AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       AND NOT EXISTS (SELECT 1 FROM exit_orders x WHERE x.allocation_id = a.allocation_id
                          AND x.state IN ('planned', 'submitting'))
    RETURNING a.allocation_id, a.user_id, a.leader, a.version, a.settings
), told AS (
    INSERT INTO notifications (user_id, kind, event, body)
    SELECT o.user_id, 'following_over', o.allocation_id,
           jsonb_build_object('allocation_id', o.allocation_id, 'leader', o.leader)
      FROM over o
    ON CONFLICT (user_id, kind, event) DO NOTHING
)
INSERT INTO allocation_history (allocation_id, version, state, settings, changed_by)
SELECT allocation_id, version, 'ended', settings, 'trading' FROM over
