-- The exchange pays each account for all its shares of a token in one sum, down to the micro: dust that was written off
-- too, and fractions of several lots together; not for what was taken back after its sale and is lacking since. What that
-- is more than the lots got, or less (negative), once all lots of the pair are paid.
WITH pairs AS (
    SELECT l.account_id, l.token_id
      FROM lots l
      JOIN accounts a ON a.account_id = l.account_id AND a.venue = 'paper'
     WHERE l.token_id = %(token_id)s
     GROUP BY l.account_id, l.token_id
    HAVING bool_and(l.closed_at IS NOT NULL)
), lacking AS (
    SELECT account_id, sum(shares) AS shares FROM shortfalls
     WHERE token_id = %(token_id)s AND settled_at IS NULL
     GROUP BY account_id
), held AS (
    SELECT p.account_id, p.token_id, -sum(e.shares) - COALESCE(max(k.shares), 0) AS shares,
           sum(floor(-e.shares * %(payout)s * 1000000) / 1000000) FILTER (WHERE e.cause = 'payout') AS paid
      FROM pairs p
      JOIN lots l ON l.account_id = p.account_id AND l.token_id = p.token_id
      JOIN lot_entries e ON e.lot_id = l.lot_id AND e.cause IN ('payout', 'dust')
      LEFT JOIN lacking k ON k.account_id = p.account_id
     GROUP BY p.account_id, p.token_id
), ended AS (
    SELECT account_id, token_id, COALESCE(paid, 0) AS paid,
           floor(greatest(shares, 0) * %(payout)s * 1000000) / 1000000 AS due
      FROM held
)
SELECT account_id, (due - paid)::numeric(20,6) AS usdc
  FROM ended
 WHERE due <> paid
   AND NOT EXISTS (SELECT 1 FROM cash_entries c
                    WHERE c.cause = 'payout' AND c.ref = 'rest:' || ended.token_id || ':' || ended.account_id)
 ORDER BY account_id
