INSERT INTO live_looks (account_id) VALUES (%(account_id)s) RETURNING look_id
