INSERT INTO price_wishes AS w (venue, token_id)
SELECT * FROM unnest(%(venues)s::text[], %(token_ids)s::text[])
    ON CONFLICT (venue, token_id) DO UPDATE SET wished_at = excluded.wished_at
