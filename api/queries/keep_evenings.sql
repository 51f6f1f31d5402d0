INSERT INTO notice_evenings (user_id, day, until_at)
SELECT * FROM unnest(%(user_ids)s::text[], %(days)s::date[], %(untils)s::timestamptz[])
ON CONFLICT (user_id) DO UPDATE SET day = excluded.day, until_at = excluded.until_at
