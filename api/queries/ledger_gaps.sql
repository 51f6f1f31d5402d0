-- Tokens in which a leader sold more than we saw him buy, each with the ranges in which it must have happened: between
-- the message before (none: since the ledger began) and the one that showed it, by number, time and block.
SELECT p.token_id, m.question, m.outcome, p.shares, p.gap, p.unsure, r.ranges
  FROM leader_positions p
  LEFT JOIN markets m ON m.token_id = p.token_id
 CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_agg(jsonb_build_object(
                  'shares', g.gap, 'after_number', g.after_number, 'number', g.number, 'after', g.after, 'until', g.traded_at,
                  'first_block', g.after_block, 'last_block', g.block, 'trade_id', g.trade_id) ORDER BY g.number), '[]') AS ranges
         FROM (SELECT t.leader_number AS number, t.trade_id, t.traded_at, s.said->>'gap' AS gap,
                      (s.said->>'block_number')::bigint AS block,
                      lag(t.leader_number) OVER earlier AS after_number, lag(t.traded_at) OVER earlier AS after,
                      lag((s.said->>'block_number')::bigint) OVER earlier AS after_block
                 FROM trades t
                CROSS JOIN LATERAL (SELECT convert_from(t.leader_message, 'UTF8')::jsonb AS said) s
                WHERE t.wallet = p.wallet AND t.token_id = p.token_id AND t.leader_number IS NOT NULL
                WINDOW earlier AS (ORDER BY t.leader_number)) g
        WHERE g.gap::numeric > 0) r
 WHERE p.wallet = %(wallet)s::text AND p.gap > 0
 ORDER BY p.gap DESC, p.token_id
 LIMIT %(rows)s
