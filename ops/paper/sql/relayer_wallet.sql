-- A wallet, who signs for it, and the nonce that its next transaction must have.
SELECT a.address, a.owner, a.signature_type,
       (SELECT count(*) FROM paper.relayed r WHERE r.wallet = a.address AND r.nonce >= 0) AS nonce
  FROM paper.accounts a
 WHERE a.address = %(wallet)s
