INSERT INTO exit_orders (exit_order_id, cause_kind, cause_ref, copy_order_id, allocation_id, account_id, user_id, venue,
                         token_id, shares, limit_price, state, cause)
SELECT r.exit_order_id, r.cause_kind, r.cause_ref, r.copy_order_id, r.allocation_id, r.account_id, r.user_id, r.venue,
       r.token_id, r.shares, r.limit_price, 'planned', r.cause
  FROM json_to_recordset(%(rows)s)
       AS r (exit_order_id text, cause_kind text, cause_ref text, copy_order_id text, allocation_id text, account_id text,
             user_id text, venue text, token_id text, shares numeric, limit_price numeric, cause text)
ON CONFLICT (cause_kind, cause_ref) DO NOTHING
