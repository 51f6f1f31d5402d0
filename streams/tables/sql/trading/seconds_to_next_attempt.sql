SELECT EXTRACT(epoch FROM min(next_attempt_at) - clock_timestamp())::float8
  FROM copy_orders
 WHERE state = 'planned' AND next_attempt_at IS NOT NULL
