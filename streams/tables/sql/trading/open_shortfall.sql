-- What an account is known to lack of a token, because a purchase was taken back after its shares had been sold.
SELECT COALESCE(sum(shares), 0) FROM shortfalls
 WHERE account_id = %(account_id)s AND token_id = %(token_id)s AND settled_at IS NULL
