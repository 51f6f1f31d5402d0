SELECT wallet, version, read_at FROM role_reads WHERE wallet = ANY(%(leaders)s::text[]) ORDER BY wallet, version;
