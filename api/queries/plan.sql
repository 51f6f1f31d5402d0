SELECT p.plan_id, p.asked, p.letters, p.orders_most, p.made_by, p.made_at,
       ARRAY(SELECT DISTINCT h.letter_id
               FROM dead_letter_redrives r
               JOIN dead_letter_history h ON h.redrive_id = r.redrive_id
              WHERE r.plan_id = p.plan_id) AS taken
  FROM dead_letter_plans p
 WHERE p.plan_id = %(plan_id)s
