SELECT m.token_id, m.market_id, m.question, m.outcome, m.category, m.tick, m.min_buy_usdc, m.fee_rate, m.neg_risk, m.end_at,
       m.closed, m.payout, m.resolved_at, p.bid, p.offer, p.bid_depth_usdc, p.offer_depth_usdc, p.seen_at,
       round(extract(epoch FROM clock_timestamp() - p.seen_at), 3) AS age_seconds
  FROM markets m
  LEFT JOIN token_prices p ON p.venue = %(venue)s AND p.token_id = m.token_id
                          AND p.seen_at > clock_timestamp() - interval '60 seconds'
 WHERE m.token_id = %(token_id)s
