UPDATE wallet_ledgers SET unsure = true WHERE wallet = ANY(%(wallets)s) AND NOT unsure
