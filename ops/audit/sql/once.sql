-- Promise 1: nothing filled beyond what was decided, no two open orders, no fill under two names, no order unknown to us.
WITH beyond AS (
    SELECT copy_order_id AS name FROM copy_orders
     WHERE decided_at >= %(since)s
       AND (side = 'BUY' AND filled_usdc > amount_usdc OR side = 'SELL' AND filled_shares > shares)
    UNION ALL
    SELECT x.exit_order_id FROM exit_orders x
      LEFT JOIN orders o ON o.exit_order_id = x.exit_order_id AND o.state <> 'dropped'
     WHERE x.decided_at >= %(since)s
     GROUP BY x.exit_order_id, x.shares, x.filled_shares
    HAVING greatest(x.filled_shares, coalesce(sum(o.filled_shares), 0)) > x.shares
    UNION ALL
    SELECT h.manual_order_id FROM manual_orders h
      LEFT JOIN orders o ON o.manual_order_id = h.manual_order_id AND o.state <> 'dropped'
     WHERE h.asked_at >= %(since)s
     GROUP BY h.manual_order_id
    HAVING h.side = 'BUY' AND greatest(h.filled_usdc, coalesce(sum(o.filled_usdc), 0)) > h.amount_usdc
        OR h.side = 'SELL' AND greatest(h.filled_shares, coalesce(sum(o.filled_shares), 0)) > h.shares
), beyond_at_venue AS (
    SELECT coalesce(o.copy_order_id, o.order_hash) AS name
      FROM orders o JOIN paper.orders v ON v.order_id = o.order_hash
     WHERE o.signed_at >= %(since)s
       AND (o.side = 'BUY' AND v.matched_usdc > v.maker_amount OR o.side = 'SELL' AND v.matched_shares > v.maker_amount)
), decided_twice AS (
    SELECT coalesce(o.copy_order_id, o.order_hash) AS name
      FROM orders o JOIN copy_orders c USING (copy_order_id)
     WHERE o.signed_at >= %(since)s AND o.state <> 'dropped'
     GROUP BY o.copy_order_id, o.order_hash, c.side, c.amount_usdc, c.shares
    HAVING c.side = 'BUY' AND sum(o.filled_usdc) > c.amount_usdc OR c.side = 'SELL' AND sum(o.filled_shares) > c.shares
), two_open AS (
    SELECT coalesce(copy_order_id, exit_order_id, manual_order_id) AS name FROM orders
     WHERE coalesce(copy_order_id, exit_order_id, manual_order_id) IS NOT NULL AND state IN ('signed', 'submitting', 'accepted', 'unknown')
     GROUP BY 1 HAVING count(*) > 1
), two_buys AS (
    SELECT coalesce(copy_order_id, manual_order_id) AS name FROM orders
     WHERE coalesce(copy_order_id, manual_order_id) IS NOT NULL AND side = 'BUY' GROUP BY 1 HAVING count(*) > 1
), two_names AS (
    SELECT min(trade_id) AS name FROM trades
     WHERE tx_hash IS NOT NULL AND classified_at >= %(since)s
     GROUP BY wallet, tx_hash HAVING count(DISTINCT source) > 1
), one_place AS (
    SELECT min(trade_id) AS name FROM trades
     WHERE tx_hash IS NOT NULL AND classified_at >= %(since)s
     GROUP BY wallet, tx_hash, substring(trade_id FROM '-([0-9]+)$')
    HAVING substring(min(trade_id) FROM '-([0-9]+)$') IS NOT NULL AND count(*) > 1
), by_hash AS (
    SELECT o.order_hash AS name FROM orders o
      JOIN (SELECT order_hash, sum(usdc) AS usdc, sum(shares) AS shares FROM fills WHERE status <> 'FAILED'
             GROUP BY order_hash) f USING (order_hash)
     WHERE o.signed_at >= %(since)s AND (o.side = 'BUY' AND f.usdc > o.amount_usdc OR o.side = 'SELL' AND f.shares > o.shares)
), strangers AS (
    SELECT v.order_id AS name FROM paper.orders v
     WHERE v.placed_at >= %(since)s AND EXISTS (SELECT 1 FROM accounts a WHERE a.wallet = v.account)
       AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_hash = v.order_id)
       AND NOT EXISTS (SELECT 1 FROM found_orders f WHERE f.order_hash = v.order_id)
), broken AS (
    SELECT name, 'filled beyond what was decided' AS why FROM beyond
    UNION ALL SELECT name, 'filled beyond the order at the exchange' FROM beyond_at_venue
    UNION ALL SELECT name, 'orders together filled beyond what was decided' FROM decided_twice
    UNION ALL SELECT name, 'two open orders' FROM two_open
    UNION ALL SELECT name, 'two orders of one BUY' FROM two_buys
    UNION ALL SELECT name, 'one fill under two names' FROM two_names
    UNION ALL SELECT name, 'one place of a transaction under two names' FROM one_place
    UNION ALL SELECT name, 'fills of its hash beyond its order' FROM by_hash
    UNION ALL SELECT name, 'an order at the exchange that we do not know' FROM strangers
)
SELECT jsonb_build_object(
           'copy_orders', (SELECT count(*) FROM copy_orders WHERE decided_at >= %(since)s),
           'orders', (SELECT count(*) FROM orders WHERE signed_at >= %(since)s),
           'beyond', (SELECT count(*) FROM broken WHERE why LIKE '%%beyond%%'),
           'two_open', (SELECT count(*) FROM two_open)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': ' || why FROM broken ORDER BY 1 LIMIT 20) AS names
