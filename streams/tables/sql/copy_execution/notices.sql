INSERT INTO notifications (user_id, kind, event, body)
SELECT * FROM unnest(%(users)s::text[], %(kinds)s::text[], %(events)s::text[], %(bodies)s::jsonb[])
ON CONFLICT DO NOTHING;
