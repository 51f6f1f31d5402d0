SELECT withdrawal_id, address, usdc, state, cause, transaction_hash AS tx_hash, asked_at, ended_at
  FROM withdrawals
 WHERE withdrawal_id = %(withdrawal_id)s AND user_id = %(user_id)s
