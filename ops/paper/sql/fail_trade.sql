-- Only until it is confirmed, or when it was to fail; the rows its reversal needs.
UPDATE paper.trades
   SET failed_at = %(now)s
 WHERE trade_id = %(trade_id)s AND failed_at IS NULL AND (confirmed_at > %(now)s OR fails_at IS NOT NULL)
RETURNING account, token_id, side, shares, usdc, fee
