UPDATE wallet_roles SET to_at = clock_timestamp()
 WHERE wallet = %(wallet)s AND role = ANY (%(roles)s) AND to_at IS NULL
