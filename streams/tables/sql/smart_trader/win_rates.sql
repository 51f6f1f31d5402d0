SELECT wallet, win_rate FROM watched_addresses WHERE wallet = ANY(%(wallets)s)
