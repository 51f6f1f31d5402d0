-- Promise 3: no copy order of a wallet that was no copy_leader at the moment of the decision.
WITH broken AS (
    SELECT c.copy_order_id AS name FROM copy_orders c
     WHERE c.decided_at >= %(since)s
       AND NOT EXISTS (SELECT 1 FROM wallet_roles r
                        WHERE r.wallet = c.leader AND r.role = 'copy_leader'
                          AND r.from_at <= c.decided_at AND (r.to_at IS NULL OR r.to_at >= c.decided_at))
)
SELECT jsonb_build_object(
           'copy_orders', (SELECT count(*) FROM copy_orders WHERE decided_at >= %(since)s),
           'leaders', (SELECT count(DISTINCT leader) FROM copy_orders WHERE decided_at >= %(since)s),
           'no_leader', (SELECT count(*) FROM broken)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': the wallet was no copy_leader' FROM broken ORDER BY 1 LIMIT 20) AS names
