-- The signals that the decisions on smart traders' messages add up to, and those that stand in the table.
WITH told AS (
    SELECT wallet, token_id, burst_started_at, sum(usdc) AS usdc, sum(shares) AS shares, count(*)::integer AS fills,
           min(traded_at) AS first_at, max(traded_at) AS last_at
      FROM smart_decisions WHERE shares > 0
     GROUP BY wallet, token_id, burst_started_at HAVING bool_or(result = 'new')
), differs AS (
    SELECT coalesce(t.wallet, s.wallet) || ' ' || coalesce(t.token_id, s.token_id) AS name
      FROM told t FULL JOIN smart_signals s USING (wallet, token_id, burst_started_at)
     WHERE (t.usdc, t.shares, t.fills, t.first_at, t.last_at)
           IS DISTINCT FROM (s.usdc, s.shares, s.fills, s.first_at, s.last_at)
)
SELECT (SELECT count(*) FROM told) AS signals, ARRAY(SELECT name FROM differs ORDER BY 1) AS differ
