SELECT count(*) FROM role_reads WHERE wallet = ANY(%(wallets)s);
