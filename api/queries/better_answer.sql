UPDATE idempotency_keys SET answer = %(answer)s WHERE owner = %(owner)s AND key = %(key)s
