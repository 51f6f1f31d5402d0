SELECT wallet AS address, role AS type FROM wallet_roles WHERE to_at IS NULL ORDER BY wallet, role
