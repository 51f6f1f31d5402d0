UPDATE manual_orders h
   SET state = r.state, cause = r.cause, reason = COALESCE(r.reason, h.reason), reject_reason = r.reject_reason,
       attempts = r.attempts, next_attempt_at = clock_timestamp() + r.next_attempt_seconds * interval '1 second',
       filled_shares = r.filled_shares, filled_usdc = r.filled_usdc, fee_usdc = r.fee_usdc, realised_usdc = r.realised_usdc,
       ended_at = CASE WHEN r.ended THEN COALESCE(h.ended_at, clock_timestamp()) END
  FROM json_to_recordset(%(rows)s)
       AS r (copy_order_id text, state text, cause text, reason text, reject_reason text, attempts integer,
             next_attempt_seconds double precision, filled_shares numeric, filled_usdc numeric, fee_usdc numeric,
             realised_usdc numeric, ended boolean)
 WHERE h.manual_order_id = r.copy_order_id
