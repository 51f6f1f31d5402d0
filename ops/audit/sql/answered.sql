-- Promise 2: each trade of a copy_leader × each allocation not ended at that time has exactly one copy order, which ends
-- with a reason. `active_from` in force is the later of the allocation's and classify's reading of the role (R16).
WITH mine AS (
    SELECT a.allocation_id, a.leader, a.ended_at, greatest(a.active_from, min(r.read_at)) AS active_from
      FROM copy_trading_allocations a
      JOIN role_reads r ON r.wallet = a.leader AND r.version >= a.role_version
     GROUP BY a.allocation_id, a.leader, a.ended_at, a.active_from
), expected AS (
    SELECT t.wallet, t.trade_id, m.allocation_id
      FROM trades t
      JOIN leader_decisions d ON d.leader = t.wallet AND d.number = t.leader_number
      JOIN mine m ON m.leader = t.wallet
     WHERE t.kind = 'trade' AND t.appended_at >= %(since)s
       AND least(t.traded_at, t.appended_at) >= m.active_from
       AND (m.ended_at IS NULL OR m.ended_at > d.decided_at)
), missing AS (
    SELECT e.trade_id || ' for ' || e.allocation_id AS name FROM expected e
     WHERE NOT EXISTS (SELECT 1 FROM copy_orders c WHERE c.trade_id = e.trade_id AND c.allocation_id = e.allocation_id)
), undecided AS (
    SELECT t.trade_id AS name FROM trades t
     WHERE t.leader_number IS NOT NULL AND t.appended_at >= %(since)s
       AND t.classified_at < clock_timestamp() - make_interval(secs => %(patience)s)
       AND NOT EXISTS (SELECT 1 FROM leader_decisions d WHERE d.leader = t.wallet AND d.number = t.leader_number)
), open_long AS (
    SELECT copy_order_id AS name FROM copy_orders
     WHERE state IN ('waiting', 'planned', 'submitting', 'unknown')
       AND decided_at < clock_timestamp() - make_interval(secs => %(patience)s)
    UNION ALL
    SELECT exit_order_id FROM exit_orders
     WHERE ended_at IS NULL AND decided_at < clock_timestamp() - make_interval(secs => %(patience)s)
), not_once AS (
    SELECT c.copy_order_id AS name FROM copy_orders c
      LEFT JOIN copy_order_transitions t ON t.copy_order_id = c.copy_order_id
       AND t.to_state IN ('filled', 'partial', 'unfilled', 'rejected', 'skipped', 'expired')
     WHERE c.ended_at IS NOT NULL AND c.decided_at >= %(since)s
     GROUP BY c.copy_order_id HAVING count(t.to_state) <> 1
), gaps AS (
    SELECT wallet AS name FROM trades WHERE leader_number IS NOT NULL
     GROUP BY wallet HAVING max(leader_number) - min(leader_number) + 1 <> count(*)
), broken AS (
    SELECT name, 'no copy order' AS why FROM missing
    UNION ALL SELECT name, 'not decided' FROM undecided
    UNION ALL SELECT name, 'open for too long' FROM open_long
    UNION ALL SELECT name, 'not exactly one end' FROM not_once
    UNION ALL SELECT name, 'a gap in the leader''s numbers' FROM gaps
)
SELECT jsonb_build_object(
           'expected', (SELECT count(*) FROM expected),
           'answered', (SELECT count(*) FROM copy_orders WHERE ended_at IS NOT NULL AND appended_at >= %(since)s),
           'open', (SELECT count(*) FROM copy_orders WHERE ended_at IS NULL),
           'open_long', (SELECT count(*) FROM open_long)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': ' || why FROM broken ORDER BY 1 LIMIT 20) AS names
