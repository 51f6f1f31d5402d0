-- All that a batch of orders is decided against, in one look.
SELECT 'known' AS kind, order_id AS party, '' AS asset, 0::bigint AS amount
  FROM paper.orders
 WHERE order_id = ANY(%(order_ids)s::text[])
UNION ALL
SELECT 'owner', address, owner, 0
  FROM paper.accounts
 WHERE address = ANY(%(accounts)s::text[])
UNION ALL
SELECT 'balance', party, asset, amount
  FROM paper.balances
 WHERE party = ANY(%(accounts)s::text[]) AND asset = ANY(%(assets)s::text[])
UNION ALL
SELECT 'reserved', account, CASE side WHEN 'BUY' THEN 'USDC' ELSE token_id END, sum(reserved)::bigint
  FROM paper.orders
 WHERE account = ANY(%(accounts)s::text[]) AND status = 'LIVE' AND (expires_at IS NULL OR expires_at > %(now)s)
 GROUP BY 1, 2, 3
UNION ALL
SELECT 'lagging', account, token_id, sum(shares)::bigint
  FROM paper.trades
 WHERE account = ANY(%(accounts)s::text[]) AND token_id = ANY(%(assets)s::text[]) AND side = 'BUY'
   AND matched_at > %(lagging_since)s AND failed_at IS NULL
 GROUP BY 1, 2, 3
UNION ALL
SELECT 'lagging', account, token_id, sum(shares)::bigint
  FROM paper.trades
 WHERE account = ANY(%(accounts)s::text[]) AND token_id = ANY(%(assets)s::text[]) AND side = 'BUY'
   AND lags_until > %(now)s AND lags_until IS NOT NULL AND failed_at IS NULL AND matched_at <= %(lagging_since)s
 GROUP BY 1, 2, 3
