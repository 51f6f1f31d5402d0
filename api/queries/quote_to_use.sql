-- A quote with all that may stand in the way of its order.
SELECT q.quote_id, q.account_id, q.venue, q.side, q.token_id, q.lot_id, q.allocation_id, q.amount_usdc, q.shares, q.limit_price,
       q.refusal, q.expires_at, q.expires_at < clock_timestamp() AS expired, h.manual_order_id AS used_by,
       a.armed_at IS NOT NULL AS armed
  FROM quotes q
  JOIN accounts a ON a.account_id = q.account_id
  LEFT JOIN manual_orders h ON h.quote_id = q.quote_id
 WHERE q.quote_id = %(quote_id)s AND q.user_id = %(user_id)s
