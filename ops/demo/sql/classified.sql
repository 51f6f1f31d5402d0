-- Messages sorted, by role; a wallet with both roles counts in both.
SELECT count(*)::bigint AS stored, count(leader_number)::bigint AS copy_leader, count(smart_number)::bigint AS smart_trader
  FROM trades
