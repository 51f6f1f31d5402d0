UPDATE accounts
   SET armed_at = NULL, next_day_cap_usdc = NULL, next_day_cap_from = NULL
 WHERE account_id = %(account_id)s AND armed_at IS NOT NULL
