-- Decisions of the living version in the span that the shadow has not made again.
SELECT count(*) FROM copy_orders c
 WHERE c.decided_at >= %(since)s AND c.decided_at <= %(until)s AND c.inputs -> 'now' IS NOT NULL
   AND NOT EXISTS (SELECT FROM shadow.decisions d WHERE d.run = %(run)s AND d.copy_order_id = c.copy_order_id)
