-- Promise 5: no BUY posted past its age.
WITH broken AS (
    SELECT c.copy_order_id AS name, 'posted past its age' AS why FROM orders o JOIN copy_orders c USING (copy_order_id)
     WHERE o.side = 'BUY' AND o.signed_at >= %(since)s AND o.last_posted_at > c.deadline
    UNION ALL
    SELECT h.manual_order_id, 'posted past its age' FROM orders o JOIN manual_orders h USING (manual_order_id)
     WHERE o.side = 'BUY' AND o.signed_at >= %(since)s AND o.last_posted_at > h.deadline
    UNION ALL
    SELECT copy_order_id, 'sells a lot that was opened after the leader sold' FROM copy_orders
     WHERE side = 'SELL' AND shares IS NOT NULL AND decided_at >= %(since)s
       AND (inputs -> 'lot' ->> 5)::timestamptz > least(traded_at, appended_at)
    UNION ALL
    SELECT c.copy_order_id, 'live, by a door that is not trusted with live money'
      FROM copy_orders c JOIN trades t ON t.wallet = c.leader AND t.leader_number = c.number
     WHERE c.venue = 'polymarket' AND c.decided_at >= %(since)s AND t.source NOT IN ('chain', 'webhook')
       AND (c.amount_usdc IS NOT NULL OR c.shares IS NOT NULL)
)
SELECT jsonb_build_object(
           'buys_posted', (SELECT count(*) FROM orders WHERE side = 'BUY' AND posted_at >= %(since)s),
           'expired', (SELECT count(*) FROM copy_orders WHERE state = 'expired' AND decided_at >= %(since)s),
           'past_age', (SELECT count(*) FROM broken WHERE why = 'posted past its age')) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': ' || why FROM broken ORDER BY 1 LIMIT 20) AS names
