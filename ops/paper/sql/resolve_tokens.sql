UPDATE paper.tokens t
   SET closed = true, accepting_orders = false, payout_micro = p.payout_micro, resolved_at = %(now)s
  FROM jsonb_to_recordset(%(payouts)s::jsonb) AS p (token_id text, payout_micro bigint)
 WHERE t.token_id = p.token_id AND t.resolved_at IS NULL
