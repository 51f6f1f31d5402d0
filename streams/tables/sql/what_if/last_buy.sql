SELECT leader_message
  FROM trades
 WHERE wallet = %(leader)s AND leader_number IS NOT NULL AND side = 'BUY' AND kind = 'trade' AND leader_message IS NOT NULL
 ORDER BY leader_number DESC
 LIMIT 1
