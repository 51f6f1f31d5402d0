-- A cap above the one that was in force last counts an hour later, as every raise: arming anew is no way round it.
UPDATE accounts
   SET armed_at = clock_timestamp(), day_cap_usdc = least(%(day_cap_usdc)s, coalesce(day_cap_usdc, %(day_cap_usdc)s)),
       next_day_cap_usdc = CASE WHEN %(day_cap_usdc)s > day_cap_usdc THEN %(day_cap_usdc)s END,
       next_day_cap_from = CASE WHEN %(day_cap_usdc)s > day_cap_usdc THEN clock_timestamp() + interval '1 hour' END
 WHERE account_id = %(account_id)s AND armed_at IS NULL
