-- Orders at exchanges, whoever asked for them. `open`: whose end is not proven. `twice`: of copy orders with more than one
-- BUY in the last day, which `bought_twice` counts.
SELECT o.order_hash, o.copy_order_id, o.manual_order_id, a.user_id, o.account_id, o.venue, o.side, o.token_id, m.question,
       m.outcome, o.attempt, o.state, o.amount_usdc, o.shares, o.limit_price, o.filled_shares, o.filled_usdc, o.fee_usdc,
       o.posts, o.cause, o.signed_at, o.posted_at, o.answered_at
  FROM orders o
  JOIN accounts a ON a.account_id = o.account_id
  LEFT JOIN markets m ON m.token_id = o.token_id
 WHERE (%(account)s::text IS NULL OR o.account_id = %(account)s::text)
   AND (%(side)s::text IS NULL OR o.side = %(side)s::text)
   AND (%(open)s::boolean IS NULL
        OR (o.state IN ('signed', 'submitting', 'accepted', 'unknown')) = %(open)s::boolean)
   AND (%(from_at)s::timestamptz IS NULL OR o.signed_at >= %(from_at)s::timestamptz)
   AND (NOT %(twice)s::boolean
        OR o.copy_order_id IN (SELECT t.copy_order_id
                                 FROM orders t
                                WHERE t.side = 'BUY' AND t.copy_order_id IS NOT NULL AND t.signed_at > now() - interval '1 day'
                                GROUP BY t.copy_order_id
                               HAVING count(*) > 1))
   AND (%(at)s::timestamptz IS NULL OR (o.signed_at, o.order_hash) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY o.signed_at DESC, o.order_hash DESC
 LIMIT %(rows)s
