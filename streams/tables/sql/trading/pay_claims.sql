-- What was claimed before the redemption was signed is paid by it; what came later waits for its own.
UPDATE claims SET redemption_id = %(redemption_id)s
 WHERE account_id = %(account_id)s AND market_id = %(market_id)s AND redemption_id IS NULL
   AND claimed_at <= (SELECT r.signed_at FROM redemptions r WHERE r.redemption_id = %(redemption_id)s)
