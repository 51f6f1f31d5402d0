-- Promise 2 of these trades (as ops/audit/sql/answered.sql asks it): allocations that were in force and not ended, and have
-- no copy order. A trade that the living version has sorted for its copiers and not decided yet is not looked at.
WITH wanted AS (
    SELECT * FROM unnest(%(wallets)s::text[], %(trade_ids)s::text[], %(traded_ats)s::timestamptz[],
                         %(appended_ats)s::timestamptz[]) AS w(wallet, trade_id, traded_at, appended_at)
), mine AS (
    SELECT a.allocation_id, a.leader, a.ended_at, greatest(a.active_from, min(r.read_at)) AS active_from
      FROM copy_trading_allocations a
      JOIN role_reads r ON r.wallet = a.leader AND r.version >= a.role_version
     WHERE a.leader = ANY(%(wallets)s::text[])
     GROUP BY a.allocation_id, a.leader, a.ended_at, a.active_from
)
SELECT w.wallet, w.trade_id, m.allocation_id, coalesce(d.decided_at, w.appended_at) AS decided_at,
       (SELECT c.follower FROM copy_orders c WHERE c.allocation_id = m.allocation_id LIMIT 1) AS follower
  FROM wanted w
  JOIN mine m ON m.leader = w.wallet AND m.active_from <= w.traded_at
  LEFT JOIN trades t ON t.wallet = w.wallet AND t.trade_id = w.trade_id
  LEFT JOIN leader_decisions d ON d.leader = t.wallet AND d.number = t.leader_number
 WHERE (t.leader_number IS NULL OR d.leader IS NOT NULL)
   AND (m.ended_at IS NULL OR m.ended_at > coalesce(d.decided_at, w.appended_at))
   AND NOT EXISTS (SELECT FROM copy_orders c WHERE c.trade_id = w.trade_id AND c.allocation_id = m.allocation_id)
 ORDER BY w.wallet, w.trade_id, m.allocation_id
