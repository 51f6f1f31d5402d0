INSERT INTO accounts (account_id, user_id, venue) VALUES (%(account_id)s, %(user_id)s, %(venue)s)
