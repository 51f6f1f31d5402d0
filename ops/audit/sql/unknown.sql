-- Promise 6: unknown ends by proof. One that stays longer than the reconciler needs is a finding.
WITH spells AS (
    SELECT t.order_hash, t.at AS began,
           (SELECT min(n.at) FROM order_transitions n
             WHERE n.order_hash = t.order_hash AND n.transition_id > t.transition_id) AS ended
      FROM order_transitions t WHERE t.to_state = 'unknown' AND t.at >= %(since)s
), broken AS (
    SELECT o.copy_order_id AS name, 'another order before the end of the former was proven' AS why
      FROM orders o JOIN orders p ON p.copy_order_id = o.copy_order_id AND p.attempt = o.attempt - 1
     WHERE o.signed_at >= %(since)s
       AND NOT EXISTS (SELECT 1 FROM order_transitions t
                        WHERE t.order_hash = p.order_hash AND t.at <= o.signed_at + interval '1 second'
                          AND t.to_state IN ('matched', 'killed', 'rejected', 'dropped', 'settled', 'failed'))
    UNION ALL
    SELECT order_hash, 'still unknown' FROM spells
     WHERE ended IS NULL AND began < clock_timestamp() - make_interval(secs => %(patience)s)
)
SELECT jsonb_build_object(
           'open', (SELECT count(*) FROM spells WHERE ended IS NULL),
           'ended_by_proof', (SELECT count(*) FROM spells WHERE ended IS NOT NULL),
           'longest_seconds', (SELECT coalesce(round(extract(epoch FROM max(coalesce(ended, clock_timestamp()) - began)), 1), 0)
                                 FROM spells)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': ' || why FROM broken ORDER BY 1 LIMIT 20) AS names
