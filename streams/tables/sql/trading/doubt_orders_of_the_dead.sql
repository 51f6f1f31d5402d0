-- A POST of an earlier worker whose answer nobody has: unknown, not failed.
WITH doubted AS (
    UPDATE orders SET state = 'unknown', cause = 'the worker that posted it ended before the answer'
     WHERE state = 'submitting' AND worker_epoch < %(epoch)s
    RETURNING copy_order_id, manual_order_id
), by_hand AS (
    UPDATE manual_orders h SET state = 'unknown', cause = 'the worker that posted it ended before the answer'
      FROM doubted
     WHERE h.manual_order_id = doubted.manual_order_id AND h.state = 'submitting'
)
UPDATE copy_orders c SET state = 'unknown', cause = 'the worker that posted it ended before the answer'
  FROM doubted
 WHERE c.copy_order_id = doubted.copy_order_id AND c.state = 'submitting'
