SELECT transaction_id, submitted_at, mined_at, confirmed_at, error, transaction_hash
  FROM paper.relayed
 WHERE transaction_id = %(transaction_id)s
