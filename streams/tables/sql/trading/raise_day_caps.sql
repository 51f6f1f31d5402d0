-- Higher caps whose hour is over count from now on. The row's lock is the account's (SAFETY R4).
UPDATE accounts
   SET day_cap_usdc = next_day_cap_usdc, next_day_cap_usdc = NULL, next_day_cap_from = NULL
 WHERE next_day_cap_from <= clock_timestamp() AND armed_at IS NOT NULL
RETURNING account_id
