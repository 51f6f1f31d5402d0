SELECT wallet, version, read_at FROM role_reads WHERE wallet = ANY(%(leaders)s) ORDER BY wallet, version;
