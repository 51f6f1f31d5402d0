SELECT lower(key), first_seen_at FROM dead_letters
 WHERE topic = %(topic)s AND lower(key) = ANY(%(wallets)s::text[])
