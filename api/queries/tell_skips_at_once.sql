-- Who wants each skip at once; ends that have a notice already are left alone.
INSERT INTO notifications (user_id, kind, event, body)
SELECT c.user_id, 'copy_' || c.state, c.copy_order_id,
       jsonb_build_object('copy_order_id', c.copy_order_id, 'allocation_id', c.allocation_id, 'side', c.side,
                          'token_id', c.token_id, 'state', c.state, 'reason', c.reason)
  FROM users u
  JOIN copy_orders c ON c.user_id = u.user_id AND c.appended_at > clock_timestamp() - make_interval(secs => %(seconds)s)
 WHERE c.state = 'skipped' AND u.notice_settings->'deliveries'->>'skipped' = 'on'
    OR c.state = 'expired' AND u.notice_settings->'deliveries'->>'too_late' = 'on'
 ORDER BY c.appended_at
 LIMIT %(most)s
ON CONFLICT DO NOTHING
