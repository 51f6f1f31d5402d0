-- Lower or the same: at once, and a higher one that was asked for is taken back. Higher: an hour from now.
UPDATE accounts
   SET day_cap_usdc = least(%(day_cap_usdc)s, day_cap_usdc),
       next_day_cap_usdc = CASE WHEN %(day_cap_usdc)s > day_cap_usdc THEN %(day_cap_usdc)s END,
       next_day_cap_from = CASE WHEN %(day_cap_usdc)s > day_cap_usdc THEN clock_timestamp() + interval '1 hour' END
 WHERE account_id = %(account_id)s AND armed_at IS NOT NULL
RETURNING next_day_cap_from
