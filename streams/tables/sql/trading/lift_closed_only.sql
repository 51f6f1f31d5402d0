-- A later look found that the exchange lets the account buy again.
UPDATE account_stops SET over_at = clock_timestamp(), over_by = 'look:' || %(look_id)s::text
 WHERE account_id = %(account_id)s AND cause = 'closed_only' AND over_at IS NULL
RETURNING account_id
