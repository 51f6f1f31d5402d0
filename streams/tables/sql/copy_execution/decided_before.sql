SELECT asked.leader, asked.number, decided.trade_id
FROM unnest(%(leaders)s::text[], %(numbers)s::bigint[]) AS asked (leader, number)
CROSS JOIN LATERAL (
    SELECT trade_id FROM leader_decisions
    WHERE leader = asked.leader AND number = asked.number
    LIMIT 1) decided;
