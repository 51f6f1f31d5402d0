-- What is on sale of these pairs of allocation and token.
SELECT w.allocation_id, w.token_id,
       (SELECT COALESCE(sum(n.shares - n.filled_shares), 0) FROM copy_orders n
         WHERE n.allocation_id = w.allocation_id AND n.token_id = w.token_id AND n.side = 'SELL'
           AND n.state IN ('planned', 'submitting', 'unknown'))
       + (SELECT COALESCE(sum(x.shares - x.filled_shares), 0) FROM exit_orders x
           WHERE x.allocation_id = w.allocation_id AND x.token_id = w.token_id AND x.state IN ('planned', 'submitting'))
       + (SELECT COALESCE(sum(h.shares - h.filled_shares), 0) FROM manual_orders h
           WHERE h.allocation_id = w.allocation_id AND h.token_id = w.token_id AND h.side = 'SELL'
             AND h.state IN ('planned', 'submitting', 'unknown'))
  FROM unnest(%(allocation_ids)s::text[], %(token_ids)s::text[]) AS w (allocation_id, token_id)
