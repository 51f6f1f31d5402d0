-- Promise 4, what rows alone can say: nothing over-sold, no account below zero with its reserves, no reserve without an
-- open BUY. What the exchange did late (late_fill, reversed) is named apart (SAFETY §2).
WITH over_sold AS (
    SELECT c.allocation_id || ' ' || c.token_id AS name FROM copy_orders c
      LEFT JOIN (SELECT allocation_id, token_id, sum(filled_shares) AS shares FROM exit_orders
                  GROUP BY allocation_id, token_id) x USING (allocation_id, token_id)
     GROUP BY c.allocation_id, c.token_id, x.shares
    HAVING coalesce(sum(c.filled_shares) FILTER (WHERE c.side = 'SELL'), 0) + coalesce(x.shares, 0)
         > coalesce(sum(c.filled_shares) FILTER (WHERE c.side = 'BUY'), 0) AND NOT bool_or(c.reversed)
), below_zero AS (
    SELECT a.account_id AS name FROM accounts a
      LEFT JOIN (SELECT account_id, sum(reserve_usdc) AS reserved
                   FROM (SELECT account_id, side, state, reserve_usdc FROM copy_orders
                         UNION ALL SELECT account_id, side, state, reserve_usdc FROM manual_orders
                         UNION ALL SELECT account_id, 'BUY', 'planned', usdc FROM withdrawals WHERE ended_at IS NULL) held
                  WHERE side = 'BUY' AND state IN ('planned', 'submitting', 'unknown') GROUP BY account_id) r USING (account_id)
     WHERE a.cash_usdc < coalesce(r.reserved, 0)
), over_reserve AS (
    SELECT copy_order_id AS name FROM copy_orders
     WHERE side = 'BUY' AND decided_at >= %(since)s AND filled_usdc + fee_usdc > reserve_usdc AND NOT late_fill
    UNION ALL
    SELECT manual_order_id FROM manual_orders
     WHERE side = 'BUY' AND asked_at >= %(since)s AND filled_usdc + fee_usdc > reserve_usdc AND NOT late_fill
), worse_price AS (
    SELECT o.order_hash AS name FROM orders o JOIN fills f USING (order_hash)
     WHERE o.signed_at >= %(since)s AND (o.side = 'BUY' AND f.price > o.limit_price OR o.side = 'SELL' AND f.price < o.limit_price)
), broken AS (
    SELECT name, 'sold more than was held' AS why FROM over_sold
    UNION ALL SELECT name, 'reserves are more than the cash' FROM below_zero
    UNION ALL SELECT name, 'cost more than its reserve' FROM over_reserve
    UNION ALL SELECT name, 'filled beyond its limit price' FROM worse_price
)
SELECT jsonb_build_object('accounts', (SELECT count(*) FROM accounts),
                          'late', (SELECT count(*) FROM copy_orders WHERE late_fill OR reversed),
                          'over_sold', (SELECT count(*) FROM over_sold),
                          'over_limit', (SELECT count(*) FROM broken) - (SELECT count(*) FROM over_sold)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': ' || why FROM broken ORDER BY 1 LIMIT 20) AS names
