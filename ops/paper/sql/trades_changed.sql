-- Trades as the user stream tells them, with the address that signs for their account.
SELECT t.*, a.owner AS signer
  FROM paper.trades t
  JOIN paper.accounts a ON a.address = t.account
 WHERE t.trade_id = ANY(%(trade_ids)s::uuid[])
