SELECT token_id, closed OR payout IS NOT NULL FROM markets WHERE token_id = ANY(%(token_ids)s)
