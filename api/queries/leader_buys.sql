-- Of the leader's buys among his last thousand trades, 30 days back: how many spent less than so much.
SELECT count(*) AS buys, count(*) FILTER (WHERE n.usdc < %(least)s) AS too_small
  FROM (SELECT r.side, r.usdc, r.kind, r.traded_at
          FROM trades r
         WHERE r.wallet = %(leader)s AND r.leader_number IS NOT NULL
         ORDER BY r.leader_number DESC
         LIMIT 1000) n
 WHERE n.side = 'BUY' AND n.kind = 'trade' AND n.traded_at > now() - interval '30 days'
