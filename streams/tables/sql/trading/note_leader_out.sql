-- How long after the leader's BUY he sold again, kept with the decision: a check like those of RULES §3 (SAFETY R8).
UPDATE copy_orders c
   SET checks = (COALESCE(c.checks::jsonb, '[]') || jsonb_build_array(jsonb_build_array(
                    'LEADER_OUT', false, round(EXTRACT(epoch FROM sold.at - c.traded_at), 3)::text, NULL)))::json
  FROM orders o,
       LATERAL (SELECT min(t.traded_at) AS at FROM copy_orders b, trades t
                 WHERE b.copy_order_id = o.copy_order_id AND t.wallet = b.leader AND t.leader_number > b.number
                   AND t.token_id = b.token_id AND t.side = 'SELL') sold
 WHERE o.order_hash = ANY(%(order_hashes)s) AND c.copy_order_id = o.copy_order_id AND c.ended_at IS NULL
