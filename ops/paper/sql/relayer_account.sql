-- The wallet of a signer, by its kind, and the nonce that its next transaction must have.
SELECT a.address, (SELECT count(*) FROM paper.relayed r WHERE r.wallet = a.address AND r.nonce >= 0) AS nonce
  FROM paper.accounts a
 WHERE a.owner = %(signer)s AND a.signature_type = %(signature_type)s
 ORDER BY a.opened_at, a.address
 LIMIT 1
