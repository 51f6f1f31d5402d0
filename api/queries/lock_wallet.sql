SELECT wallet, version FROM watched_addresses WHERE wallet = %(wallet)s FOR UPDATE
