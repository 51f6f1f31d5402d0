SELECT account_id, wallet FROM accounts WHERE account_id = ANY(%(accounts)s::text[]);
