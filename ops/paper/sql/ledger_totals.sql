-- Per asset: the sum of all balances, and of what the entries moved less what the balances say. Both must be 0.
WITH moved AS (
    SELECT party, asset, sum(amount) AS amount
      FROM (SELECT to_party AS party, asset, amount FROM paper.entries
            UNION ALL
            SELECT from_party, asset, -amount FROM paper.entries) AS sides
     GROUP BY party, asset
)
SELECT asset,
       sum(coalesce(b.amount, 0))::text AS balance_sum,
       count(*) FILTER (WHERE coalesce(b.amount, 0) <> coalesce(m.amount, 0)) AS disagreements,
       sum(b.amount) FILTER (WHERE party NOT IN ('outside', 'market', 'fees'))::text AS held
  FROM paper.balances b
  FULL JOIN moved m USING (party, asset)
 GROUP BY asset
 ORDER BY asset
