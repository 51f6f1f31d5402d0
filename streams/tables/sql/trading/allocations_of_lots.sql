SELECT DISTINCT allocation_id FROM lots
 WHERE account_id = %(account_id)s AND token_id = ANY(%(token_ids)s) AND closed_at IS NULL AND allocation_id IS NOT NULL
