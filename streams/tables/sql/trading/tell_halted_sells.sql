-- Whose SELL waits while nothing may be posted hears so once for each of them (SAFETY R13).
INSERT INTO notifications (user_id, kind, event, body)
SELECT c.user_id, 'sell_halted', c.copy_order_id || ':' || s.changed_at,
       jsonb_build_object('copy_order_id', c.copy_order_id, 'allocation_id', c.allocation_id, 'token_id', c.token_id,
                          'shares', c.shares::text, 'since', s.changed_at, 'note', s.note)
  FROM switches s, copy_orders c
 WHERE s.name = 'halt' AND s.stopped AND c.side = 'SELL' AND c.state IN ('waiting', 'planned', 'submitting')
ON CONFLICT (user_id, kind, event) DO NOTHING
RETURNING user_id
