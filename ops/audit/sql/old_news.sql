-- Promise 5: no BUY posted past its age.
WITH broken AS (
    SELECT c.copy_order_id AS name FROM orders o JOIN copy_orders c USING (copy_order_id)
     WHERE o.side = 'BUY' AND o.signed_at >= %(since)s AND o.last_posted_at > c.deadline
    UNION ALL
    SELECT h.manual_order_id FROM orders o JOIN manual_orders h USING (manual_order_id)
     WHERE o.side = 'BUY' AND o.signed_at >= %(since)s AND o.last_posted_at > h.deadline
)
SELECT jsonb_build_object(
           'buys_posted', (SELECT count(*) FROM orders WHERE side = 'BUY' AND posted_at >= %(since)s),
           'expired', (SELECT count(*) FROM copy_orders WHERE state = 'expired' AND decided_at >= %(since)s)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': posted past its age' FROM broken ORDER BY 1 LIMIT 20) AS names
