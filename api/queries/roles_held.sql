SELECT role, since_version FROM wallet_roles WHERE wallet = %(wallet)s AND to_at IS NULL ORDER BY role
