SELECT account_id FROM accounts
 WHERE state = 'ready' AND venue = ANY(%(venues)s) AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
 ORDER BY account_id
