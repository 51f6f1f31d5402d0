-- Per leader and day: stored messages of its ledger, those not decided, copy orders that were due, those that have ended.
SELECT t.wallet, (t.appended_at AT TIME ZONE 'UTC')::date AS day, count(*),
       count(*) FILTER (WHERE d.number IS NULL), coalesce(sum(d.allocations), 0)::bigint,
       coalesce(sum(c.ended), 0)::bigint
  FROM trades t
  LEFT JOIN leader_decisions d ON d.leader = t.wallet AND d.number = t.leader_number
  LEFT JOIN LATERAL (SELECT count(*) AS ended FROM copy_orders o
                      WHERE o.leader = t.wallet AND o.trade_id = t.trade_id AND o.ended_at IS NOT NULL) c ON true
 WHERE t.leader_number IS NOT NULL AND t.appended_at >= %(since)s
 GROUP BY 1, 2
