INSERT INTO dead_letter_plans (plan_id, asked, letters, orders_most, made_by)
VALUES (%(plan_id)s, %(asked)s::jsonb, %(letters)s::bigint[], %(orders_most)s, %(made_by)s)
    ON CONFLICT (plan_id) DO NOTHING
