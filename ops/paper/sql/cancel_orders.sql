-- Those of the named orders that are open and belong to this owner.
UPDATE paper.orders o
   SET status = 'CANCELED', reserved = 0
  FROM paper.accounts a
 WHERE a.address = o.account AND a.owner = %(owner)s
   -- A delayed order cannot be cancelled until it is due.
   AND (o.due_at IS NULL OR o.due_at <= %(now)s)
   AND o.status = 'LIVE' AND (o.expires_at IS NULL OR o.expires_at > %(now)s)
   AND (%(order_ids)s::text[] IS NULL OR o.order_id = ANY(%(order_ids)s))
   AND (%(token_ids)s::text[] IS NULL OR o.token_id = ANY(%(token_ids)s))
RETURNING o.order_id
