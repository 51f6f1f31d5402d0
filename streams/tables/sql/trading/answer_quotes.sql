UPDATE quotes q
   SET answered_at = clock_timestamp(), refusal = r.refusal, best_price = r.best_price, limit_price = r.limit_price,
       depth_usdc = r.depth_usdc, fee_usdc = r.fee_usdc, least_shares = r.least_shares, least_usdc = r.least_usdc,
       expires_at = CASE WHEN r.limit_price IS NOT NULL THEN clock_timestamp() + %(seconds)s * interval '1 second' END
  FROM json_to_recordset(%(rows)s)
       AS r (quote_id text, refusal text, best_price numeric, limit_price numeric, depth_usdc numeric, fee_usdc numeric,
             least_shares numeric, least_usdc numeric)
 WHERE q.quote_id = r.quote_id AND q.answered_at IS NULL
