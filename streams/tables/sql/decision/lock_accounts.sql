SELECT account_id, venue, wallet, state, cash_usdc, day_cap_usdc
FROM accounts
WHERE account_id = ANY(%(accounts)s::text[])
ORDER BY account_id
FOR NO KEY UPDATE;
