SELECT token_id, market_id, tick, fee_rate, neg_risk, exchange_version FROM markets WHERE token_id = ANY(%(token_ids)s)
