-- What a look was younger than is overwritten; a look that took long is not (its row keeps the younger price).
INSERT INTO token_prices AS p (venue, token_id, bid, offer, bid_depth_usdc, offer_depth_usdc, seen_at)
SELECT %(venue)s, r.token_id, r.bid, r.offer, r.bid_depth_usdc, r.offer_depth_usdc,
       clock_timestamp() - %(age_seconds)s * interval '1 second'
  FROM json_to_recordset(%(rows)s)
       AS r (token_id text, bid numeric, offer numeric, bid_depth_usdc numeric, offer_depth_usdc numeric)
    ON CONFLICT (venue, token_id) DO UPDATE
   SET bid = excluded.bid, offer = excluded.offer, bid_depth_usdc = excluded.bid_depth_usdc,
       offer_depth_usdc = excluded.offer_depth_usdc, seen_at = excluded.seen_at
 WHERE p.seen_at < excluded.seen_at
