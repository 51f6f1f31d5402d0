-- Of one token, or (null) of all.
UPDATE shortfalls SET settled_at = clock_timestamp()
 WHERE account_id = %(account_id)s AND settled_at IS NULL AND (%(token_id)s::text IS NULL OR token_id = %(token_id)s)
