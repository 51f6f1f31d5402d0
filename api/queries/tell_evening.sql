INSERT INTO notifications (user_id, kind, event, body, route)
SELECT t.user_id, t.kind, t.event, t.body, 'chat'
  FROM unnest(%(user_ids)s::text[], %(kinds)s::text[], %(events)s::text[], %(bodies)s::jsonb[])
       AS t(user_id, kind, event, body)
ON CONFLICT (user_id, kind, event) DO NOTHING
