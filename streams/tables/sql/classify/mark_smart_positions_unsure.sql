UPDATE smart_traders_positions SET unsure = true WHERE wallet = ANY(%(wallets)s) AND NOT unsure
