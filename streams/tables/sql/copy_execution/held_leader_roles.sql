SELECT wallet FROM wallet_roles WHERE wallet = ANY(%(leaders)s::text[]) AND role = 'copy_leader' AND to_at IS NULL;
