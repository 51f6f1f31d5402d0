-- Whose order has had no clear answer for so long hears that it is being checked; its end edits that (UX §3).
INSERT INTO notifications AS n (user_id, kind, event, body)
SELECT c.user_id, 'copy_unknown', c.copy_order_id,
       jsonb_build_object('copy_order_id', c.copy_order_id, 'allocation_id', c.allocation_id, 'side', c.side,
                          'token_id', c.token_id, 'state', c.state, 'since', o.last_posted_at)
  FROM copy_orders c
  JOIN orders o ON o.copy_order_id = c.copy_order_id AND o.proven_at IS NULL AND o.state IN ('unknown', 'submitting')
 WHERE c.state IN ('unknown', 'submitting') AND o.last_posted_at < clock_timestamp() - make_interval(secs => %(seconds)s)
   AND NOT EXISTS (SELECT 1 FROM notifications k WHERE k.user_id = c.user_id AND k.event = c.copy_order_id
                                                   AND k.kind LIKE 'copy\_%%' AND k.kind <> 'copy_trying')
ON CONFLICT (user_id, event) WHERE kind LIKE 'copy\_%%'
DO UPDATE SET kind = excluded.kind, body = excluded.body, revision = n.revision + 1
 WHERE n.kind = 'copy_trying'
