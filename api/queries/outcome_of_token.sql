SELECT question, outcome FROM markets WHERE token_id = %(token_id)s
