-- What the wallet's stored trades before then leave of these tokens.
SELECT r.token_id, sum(CASE WHEN r.side = 'BUY' THEN r.size ELSE -r.size END) AS shares
  FROM trades r
 WHERE r.wallet = %(leader)s AND r.traded_at < %(since)s AND r.kind <> 'undone' AND r.token_id = ANY (%(tokens)s)
   AND NOT EXISTS (SELECT 1 FROM trades u WHERE u.wallet = r.wallet AND u.undoes = r.trade_id)
 GROUP BY r.token_id
HAVING sum(CASE WHEN r.side = 'BUY' THEN r.size ELSE -r.size END) > 0
