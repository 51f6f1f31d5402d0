-- Per account and market what its claims are worth, where something is, and no redemption of the account is under way.
-- The pause after a failed attempt doubles with each. Losing tokens are claims of 0: they are burnt with the others.
SELECT c.account_id, c.market_id, a.signature_type,
       (SELECT jsonb_object_agg(w.token_id, w.shares)
          FROM (SELECT t.token_id, sum(t.shares)::text AS shares FROM claims t
                 WHERE t.account_id = c.account_id AND t.market_id = c.market_id AND t.redemption_id IS NULL
                 GROUP BY t.token_id) w) AS claimed,
       (SELECT jsonb_object_agg(m.token_id, m.payout::text) FROM markets m
         WHERE m.market_id = c.market_id AND m.payout IS NOT NULL) AS payouts,
       (SELECT bool_or(m.neg_risk) FROM markets m WHERE m.market_id = c.market_id) AS neg_risk,
       EXTRACT(epoch FROM clock_timestamp() - max(c.claimed_at))::float8 AS claimed_seconds_ago,
       (SELECT count(*) FROM redemptions r WHERE r.account_id = c.account_id AND r.market_id = c.market_id) AS attempts
  FROM claims c
  JOIN accounts a ON a.account_id = c.account_id AND a.state = 'ready' AND a.signature_type <> 0
 WHERE c.redemption_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.account_id = c.account_id AND r.ended_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM withdrawals w
                    WHERE w.account_id = c.account_id AND w.ended_at IS NULL AND w.body IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM redemptions r
                    WHERE r.account_id = c.account_id AND r.market_id = c.market_id AND r.state = 'failed'
                      AND clock_timestamp() < r.ended_at + make_interval(secs => %(again)s * 2 ^ least(r.attempt, 8)))
 GROUP BY c.account_id, c.market_id, a.signature_type
HAVING sum(c.usdc) > 0
 ORDER BY min(c.claimed_at), c.account_id, c.market_id
 LIMIT %(most)s
