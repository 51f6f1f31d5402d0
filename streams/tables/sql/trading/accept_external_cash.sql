-- What came from outside is the account's own from now on.
WITH accepted AS (
    UPDATE external_moves SET accepted_at = clock_timestamp()
     WHERE account_id = %(account_id)s AND asset = 'USDC' AND amount > 0 AND accepted_at IS NULL
    RETURNING move_id, account_id, amount
), booked AS (
    INSERT INTO cash_entries (account_id, cause, ref, usdc)
    SELECT account_id, 'external', 'move:' || move_id, amount FROM accepted
    RETURNING usdc
)
UPDATE accounts SET cash_usdc = cash_usdc + (SELECT COALESCE(sum(usdc), 0) FROM booked)
 WHERE account_id = %(account_id)s AND EXISTS (SELECT 1 FROM booked)
