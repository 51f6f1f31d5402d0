SELECT q.quote_id, q.venue, q.side, q.token_id, m.question, m.outcome, q.lot_id::text AS position_id, q.amount_usdc, q.shares,
       q.best_price, q.limit_price AS limit, q.depth_usdc, q.fee_usdc, q.least_shares, q.least_usdc, q.refusal, q.asked_at,
       q.expires_at
  FROM quotes q
  LEFT JOIN markets m ON m.token_id = q.token_id
 WHERE q.quote_id = ANY (%(quote_ids)s) AND q.user_id = %(user_id)s
