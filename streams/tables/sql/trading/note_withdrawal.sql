UPDATE withdrawals
   SET state = %(state)s, cause = %(cause)s, words = COALESCE(%(words)s, words), looks = %(looks)s,
       transaction_id = COALESCE(%(transaction_id)s, transaction_id),
       transaction_hash = COALESCE(%(transaction_hash)s, transaction_hash),
       ended_at = CASE WHEN %(state)s IN ('done', 'refused') THEN clock_timestamp() END
 WHERE withdrawal_id = %(withdrawal_id)s AND ended_at IS NULL
RETURNING account_id
