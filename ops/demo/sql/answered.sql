-- Per leader: trades that were decided, and copy orders that have ended.
SELECT d.leader, count(*) FILTER (WHERE d.kind = 'trade')::bigint AS decided,
       (SELECT count(*) FROM copy_orders c
         WHERE c.leader = d.leader
           AND c.state NOT IN ('waiting', 'planned', 'submitting', 'unknown'))::bigint AS answers
  FROM leader_decisions d
 GROUP BY d.leader
