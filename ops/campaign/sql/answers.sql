-- Per leader: how many copy orders have ended, over how many trades and allocations.
SELECT leader, count(*) FILTER (WHERE ended_at IS NOT NULL)::bigint AS ended, count(*)::bigint AS copy_orders,
       count(DISTINCT trade_id)::bigint AS trades, count(DISTINCT allocation_id)::bigint AS allocations
  FROM copy_orders GROUP BY leader
