SELECT move_id
  FROM external_moves
 WHERE account_id = %(account_id)s AND asset = 'USDC' AND amount > 0 AND accepted_at IS NULL
 LIMIT 1
