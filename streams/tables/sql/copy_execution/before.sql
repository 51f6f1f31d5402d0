-- Which trade was decided under each number (one over a flood's limit is, though its answers may follow), and which
-- allocations have a copy order of each trade.
SELECT asked.leader, asked.number, coalesce(decided.trade_id, flooded.trade_id), asked.trade_id,
       ARRAY(SELECT c.allocation_id FROM copy_orders c WHERE c.trade_id = asked.trade_id AND c.leader = asked.leader)
FROM unnest(%(leaders)s::text[], %(numbers)s::bigint[], %(trades)s::text[]) AS asked (leader, number, trade_id)
LEFT JOIN LATERAL (
    SELECT trade_id FROM leader_decisions
    WHERE leader = asked.leader AND number = asked.number
    LIMIT 1) decided ON true
LEFT JOIN LATERAL (
    SELECT trade_id FROM flooded_buys
    WHERE leader = asked.leader AND number = asked.number
    LIMIT 1) flooded ON true;
