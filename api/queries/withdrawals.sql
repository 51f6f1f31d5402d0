SELECT withdrawal_id, address, usdc, state, cause, transaction_hash AS tx_hash, asked_at, ended_at
  FROM withdrawals
 WHERE user_id = %(user_id)s
   AND (%(at)s::timestamptz IS NULL OR (asked_at, withdrawal_id) < (%(at)s, %(id)s))
 ORDER BY asked_at DESC, withdrawal_id DESC
 LIMIT %(rows)s
