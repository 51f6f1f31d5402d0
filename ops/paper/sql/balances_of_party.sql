SELECT b.asset, b.amount,
       coalesce((SELECT sum(o.reserved)::bigint
                   FROM paper.orders o
                  WHERE o.account = b.party AND o.status = 'LIVE' AND (o.expires_at IS NULL OR o.expires_at > %(now)s)
                    AND CASE o.side WHEN 'BUY' THEN 'USDC' ELSE o.token_id END = b.asset), 0) AS reserved
  FROM paper.balances b
 WHERE b.party = %(party)s
 ORDER BY b.asset
