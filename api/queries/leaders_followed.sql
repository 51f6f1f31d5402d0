SELECT w.wallet, w.label, f.followers, t.trades, t.due, t.due - c.under_way AS answered, p.gaps, v.value_known_since,
       coalesce(p.unsure, g.unsure, false) OR m.missing > 0 AS unsure, m.missing, w.added_at
  FROM watched_addresses w
  JOIN wallet_roles r ON r.wallet = w.wallet AND r.role = 'copy_leader' AND r.to_at IS NULL
  LEFT JOIN wallet_ledgers g ON g.wallet = w.wallet AND g.role = 'copy_leader'
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT f.user_id) AS followers
         FROM copy_trading_allocations f
        WHERE f.leader = w.wallet AND f.state <> 'ended') f
 CROSS JOIN LATERAL (
       SELECT count(*) AS trades, coalesce(sum(d.allocations), 0) AS due
         FROM leader_decisions d
        WHERE d.leader = w.wallet AND d.decided_at > now() - interval '24 hours') t
 CROSS JOIN LATERAL (
       SELECT count(*) AS under_way
         FROM copy_trading_allocations f
         JOIN copy_orders c ON c.allocation_id = f.allocation_id
        WHERE f.leader = w.wallet AND c.state IN ('waiting', 'planned', 'submitting', 'unknown')
          AND c.decided_at > now() - interval '24 hours') c
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE p.gap > 0) AS gaps, bool_or(p.unsure) AS unsure
         FROM leader_positions p
        WHERE p.wallet = w.wallet) p
 CROSS JOIN LATERAL (
       SELECT min(v.taken_at) AS value_known_since FROM leader_values v WHERE v.wallet = w.wallet) v
 CROSS JOIN LATERAL (
       SELECT count(*) AS missing FROM missing_messages m WHERE m.wallet = w.wallet AND m.ended_at IS NULL) m
 WHERE %(at)s::timestamptz IS NULL OR (w.added_at, w.wallet) < (%(at)s::timestamptz, %(id)s::text)
 ORDER BY w.added_at DESC, w.wallet DESC
 LIMIT %(rows)s
