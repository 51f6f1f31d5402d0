-- Messages of leaders and of smart traders that classify has passed on and the next stage has not yet handled, with
-- the age of the oldest in seconds.
WITH leaders AS (
    SELECT l.wallet, l.last_number - coalesce((SELECT max(d.number) FROM leader_decisions d WHERE d.leader = l.wallet), 0) AS behind
      FROM wallet_ledgers l WHERE l.role = 'copy_leader'
), smart AS (
    SELECT l.wallet, l.last_number - coalesce((SELECT max(d.number) FROM smart_decisions d WHERE d.wallet = l.wallet), 0) AS behind
      FROM wallet_ledgers l WHERE l.role = 'smart_trader'
)
SELECT (SELECT coalesce(sum(behind), 0) FROM leaders)::bigint AS leader_messages,
       (SELECT coalesce(sum(behind), 0) FROM smart)::bigint AS smart_messages,
       (SELECT extract(epoch FROM now() - min(t.appended_at))
          FROM leaders l JOIN wallet_ledgers w ON w.wallet = l.wallet AND w.role = 'copy_leader'
          JOIN trades t ON t.wallet = l.wallet AND t.leader_number = w.last_number - l.behind + 1
         WHERE l.behind > 0) AS leader_lag_seconds
