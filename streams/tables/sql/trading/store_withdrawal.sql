UPDATE withdrawals
   SET state = 'sending', cause = 'signed', nonce = %(nonce)s, expires_at = %(expires_at)s, body = %(body)s,
       worker_epoch = %(epoch)s, signed_at = clock_timestamp()
 WHERE withdrawal_id = %(withdrawal_id)s AND state = 'asked'
