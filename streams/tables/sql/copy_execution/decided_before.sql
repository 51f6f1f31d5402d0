SELECT d.leader, d.number, d.trade_id
FROM unnest(%(leaders)s::text[], %(numbers)s::bigint[]) AS asked (leader, number)
JOIN leader_decisions d ON d.leader = asked.leader AND d.number = asked.number;
