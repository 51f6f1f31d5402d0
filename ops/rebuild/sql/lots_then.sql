-- Lots there were then, of the user or of the following's whole account, walked back from now by what was booked since.
SELECT t.lot_id, t.allocation_id, t.account_id, t.user_id, t.token_id, t.market_id, t.shares, t.cost_usdc, t.realised_usdc,
       t.fees_usdc
  FROM (SELECT l.lot_id, l.allocation_id, l.account_id, l.user_id, l.token_id, l.market_id,
               l.shares - coalesce(e.shares, 0) AS shares, l.cost_usdc - coalesce(e.cost_usdc, 0) AS cost_usdc,
               l.realised_usdc - coalesce(e.realised_usdc, 0) AS realised_usdc,
               l.fees_usdc - coalesce(e.fee_usdc, 0) AS fees_usdc
          FROM lots l
          LEFT JOIN LATERAL (
               SELECT sum(e.shares) AS shares, sum(e.cost_usdc) AS cost_usdc, sum(e.realised_usdc) AS realised_usdc,
                      sum(e.fee_usdc) AS fee_usdc
                 FROM lot_entries e
                WHERE e.lot_id = l.lot_id AND e.booked_at > %(at)s) e ON true
         WHERE (l.user_id = %(name)s
                OR l.account_id = (SELECT f.account_id FROM copy_trading_allocations f WHERE f.allocation_id = %(name)s))
           AND l.opened_at <= %(at)s) t
 ORDER BY t.lot_id
