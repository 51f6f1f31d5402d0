-- Operators hear of orders that nobody knows the end of for so long (UX §3).
INSERT INTO notifications (user_id, kind, event, body)
SELECT p.user_id, 'orders_unknown', o.order_hash,
       jsonb_build_object('names', coalesce(o.copy_order_id, o.exit_order_id, o.manual_order_id),
                          'since', o.last_posted_at)
  FROM operators p, orders o
 WHERE o.state = 'unknown' AND o.proven_at IS NULL
   AND o.last_posted_at < clock_timestamp() - make_interval(secs => %(seconds)s)
ON CONFLICT (user_id, kind, event) DO NOTHING
