-- What the account of this owner and signature type holds of an asset, without shares that have not arrived yet.
SELECT coalesce(sum(b.amount), 0)::bigint
       - coalesce((SELECT sum(t.shares)::bigint FROM paper.trades t
                    WHERE t.account = min(a.address) AND t.token_id = %(asset)s AND t.side = 'BUY'
                      AND t.matched_at > %(lagging_since)s AND t.failed_at IS NULL), 0)
       - coalesce((SELECT sum(t.shares)::bigint FROM paper.trades t
                    WHERE t.account = min(a.address) AND t.token_id = %(asset)s AND t.side = 'BUY'
                      AND t.lags_until > %(now)s AND t.lags_until IS NOT NULL AND t.failed_at IS NULL
                      AND t.matched_at <= %(lagging_since)s), 0) AS amount
  FROM paper.accounts a
  LEFT JOIN paper.balances b ON b.party = a.address AND b.asset = %(asset)s
 WHERE a.owner = %(owner)s AND a.signature_type = %(signature_type)s
