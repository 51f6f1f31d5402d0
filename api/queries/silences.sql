-- Ranges of blocks of the last day in which no trade of any watched wallet came, far longer than is usual here: more than
-- 150 blocks and 20 times the usual step (as `polycool completeness` has it, which reads every trade of the topic).
WITH blocks AS (
    SELECT b.block, min(b.appended_at) AS at
      FROM (SELECT (convert_from(coalesce(t.leader_message, t.smart_message), 'UTF8')::jsonb->>'block_number')::bigint AS block,
                   t.appended_at
              FROM trades t
             WHERE t.traded_at > now() - interval '1 day'
             ORDER BY t.traded_at DESC
             LIMIT 50000) b
     WHERE b.block IS NOT NULL
     GROUP BY b.block
), steps AS (
    SELECT b.block, b.at, lag(b.block) OVER earlier AS before, lag(b.at) OVER earlier AS before_at
      FROM blocks b
    WINDOW earlier AS (ORDER BY b.block)
)
SELECT s.before + 1 AS first_block, s.block - 1 AS last_block, s.block - s.before - 1 AS blocks, s.before_at AS after, s.at AS until
  FROM steps s
 WHERE s.block - s.before > greatest(150, 20 * (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x.block - x.before)
                                                  FROM steps x WHERE x.before IS NOT NULL))
 ORDER BY s.block DESC
 LIMIT %(rows)s
