-- Of these allocations those without an open copy order or exit order in the token.
SELECT w.allocation_id
  FROM unnest(%(allocation_ids)s::text[]) AS w (allocation_id)
 WHERE NOT EXISTS (SELECT 1 FROM copy_orders c
                    WHERE c.allocation_id = w.allocation_id AND c.token_id = %(token_id)s
                      AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
   AND NOT EXISTS (SELECT 1 FROM manual_orders h
                    WHERE h.allocation_id = w.allocation_id AND h.token_id = %(token_id)s AND h.side = 'SELL'
                      AND h.state IN ('planned', 'submitting', 'unknown'))
   AND NOT EXISTS (SELECT 1 FROM exit_orders x
                    WHERE x.allocation_id = w.allocation_id AND x.token_id = %(token_id)s
                      AND x.state IN ('planned', 'submitting'))
