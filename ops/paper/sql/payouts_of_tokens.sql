SELECT token_id, condition_id, payout_micro FROM paper.tokens WHERE token_id = ANY(%(token_ids)s::text[])
