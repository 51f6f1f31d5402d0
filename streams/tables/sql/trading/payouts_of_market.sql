SELECT token_id, payout, version FROM markets WHERE market_id = %(market_id)s AND payout IS NOT NULL
