INSERT INTO external_moves (account_id, asset, amount) VALUES (%(account_id)s, %(asset)s, %(amount)s) RETURNING move_id
