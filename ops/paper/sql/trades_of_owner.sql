-- Newest first; the cursor is the last row seen.
SELECT t.*
  FROM paper.accounts a
  JOIN paper.trades t ON t.account = a.address
 WHERE a.owner = %(owner)s
   AND (%(account)s::text IS NULL OR t.account = %(account)s)
   AND (%(token_id)s::text IS NULL OR t.token_id = %(token_id)s)
   AND (%(token_ids)s::text[] IS NULL OR t.token_id = ANY(%(token_ids)s))
   AND (%(after)s::timestamptz IS NULL OR t.matched_at >= %(after)s)
   AND (%(before)s::timestamptz IS NULL OR t.matched_at <= %(before)s)
   AND (%(seen_at)s::timestamptz IS NULL OR (t.matched_at, t.trade_id) < (%(seen_at)s, %(seen_id)s::uuid))
 ORDER BY t.matched_at DESC, t.trade_id DESC
 LIMIT %(rows)s
