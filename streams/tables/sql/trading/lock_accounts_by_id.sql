SELECT account_id FROM accounts WHERE account_id = ANY(%(account_ids)s) ORDER BY account_id FOR NO KEY UPDATE
