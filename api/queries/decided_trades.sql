-- Messages of a leader that were decided in the last day, with how many copy orders each called for.
SELECT d.number, d.trade_id, d.kind, d.side, t.token_id, m.question, m.outcome, t.size, t.price, t.usdc, d.traded_at,
       t.appended_at, d.decided_at, d.allocations
  FROM leader_decisions d
  LEFT JOIN trades t ON t.wallet = d.leader AND t.leader_number = d.number
  LEFT JOIN markets m ON m.token_id = t.token_id
 WHERE d.leader = %(wallet)s::text AND d.decided_at > now() - interval '24 hours'
   AND (%(at)s::timestamptz IS NULL OR (d.decided_at, d.number) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY d.decided_at DESC, d.number DESC
 LIMIT %(rows)s
