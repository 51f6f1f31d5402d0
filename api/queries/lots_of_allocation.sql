-- Open positions of a following with what is not on sale already.
SELECT l.lot_id, l.account_id, l.allocation_id, l.token_id, k.venue,
       l.shares - (SELECT coalesce(sum(c.shares - c.filled_shares), 0) FROM copy_orders c
                    WHERE c.allocation_id = l.allocation_id AND c.token_id = l.token_id AND c.side = 'SELL'
                      AND c.state IN ('submitting', 'unknown'))
                - (SELECT coalesce(sum(h.shares - h.filled_shares), 0) FROM manual_orders h
                    WHERE h.lot_id = l.lot_id AND h.side = 'SELL'
                      AND h.state IN ('planned', 'submitting', 'unknown')) AS free_shares
  FROM lots l
  JOIN accounts k ON k.account_id = l.account_id
 WHERE l.allocation_id = %(allocation_id)s AND l.user_id = %(user_id)s AND l.closed_at IS NULL
 ORDER BY l.lot_id
