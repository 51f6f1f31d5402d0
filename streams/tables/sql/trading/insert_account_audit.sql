INSERT INTO account_audits (account_id, request_id, outcome, why, our_cash, their_cash, differences)
VALUES (%(account_id)s, %(request_id)s, %(outcome)s, %(why)s, %(our_cash)s, %(their_cash)s, %(differences)s)
