WITH booked AS (
    INSERT INTO cash_entries (account_id, cause, ref, usdc) VALUES (%(account_id)s, 'credit', %(credit_id)s, %(usdc)s)
    ON CONFLICT (cause, ref) DO NOTHING
    RETURNING account_id, usdc
)
UPDATE accounts a SET cash_usdc = a.cash_usdc + booked.usdc FROM booked WHERE a.account_id = booked.account_id
