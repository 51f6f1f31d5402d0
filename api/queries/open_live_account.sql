-- trading makes its key and prepares its wallet; two first looks at once open one.
INSERT INTO accounts (account_id, user_id, venue) VALUES (%(account_id)s, %(user_id)s, 'polymarket')
ON CONFLICT DO NOTHING
