SELECT concat_ws(' ', part, place, copy_order_id, now_decided::text, checks::text) FROM shadow.decisions
 WHERE run = %(run)s ORDER BY part, place, copy_order_id
