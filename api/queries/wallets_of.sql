SELECT wallet FROM watched_addresses WHERE wallet = ANY(%(keys)s::text[])
