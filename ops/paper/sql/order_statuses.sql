-- Why the named orders of this owner were not cancelled.
SELECT o.order_id, o.status
  FROM paper.orders o
  JOIN paper.accounts a ON a.address = o.account
 WHERE a.owner = %(owner)s AND o.order_id = ANY(%(order_ids)s::text[])
