-- What was wanted and what was bid, and by which two settings, kept with the decision: checks like those of RULES §3 (SAFETY R2).
UPDATE copy_orders c
   SET checks = (COALESCE(c.checks::jsonb, '[]') || jsonb_build_array(
                    jsonb_build_array('BIDS_UNDER_LIMIT', true, %(under)s::text, NULL),
                    jsonb_build_array('BOOK_SECONDS', true, %(seconds)s::text, NULL),
                    jsonb_build_array('THIN_MARKET', false, n.wanted, n.depth)))::json
  FROM unnest(%(order_hash)s::text[], %(wanted)s::text[], %(depth)s::text[]) AS n (order_hash, wanted, depth)
  JOIN orders o ON o.order_hash = n.order_hash
 WHERE c.copy_order_id = o.copy_order_id AND c.ended_at IS NULL
