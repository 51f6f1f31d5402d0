SELECT token_id, payout_micro FROM paper.tokens WHERE condition_id = %(condition_id)s
