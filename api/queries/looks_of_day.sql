SELECT count(*) AS looks FROM wallet_looks WHERE user_id = %(user_id)s AND looked_at > now() - interval '1 day'
