-- Shares of each unresolved token that the exchange should show for an account: its lots, what was written off as dust,
-- and what came from outside or left without a lot (the moves, less what lots gave).
SELECT token_id, sum(shares)
  FROM (SELECT l.token_id, l.shares FROM lots l WHERE l.account_id = %(account_id)s
        UNION ALL
        SELECT l.token_id, -e.shares FROM lots l JOIN lot_entries e USING (lot_id)
         WHERE l.account_id = %(account_id)s AND e.cause IN ('dust', 'external')
        UNION ALL
        SELECT m.asset, m.amount FROM external_moves m WHERE m.account_id = %(account_id)s AND m.asset <> 'USDC') held
 WHERE NOT EXISTS (SELECT 1 FROM markets k WHERE k.token_id = held.token_id AND k.payout IS NOT NULL)
 GROUP BY token_id
 ORDER BY token_id
