-- What is open now, per owner.
SELECT v.allocation_id, sum(v.cost_usdc) AS at_work_usdc, COALESCE(sum(v.worth_usdc), 0) AS worth_usdc,
       COALESCE(sum(v.open_usdc), 0) AS open_usdc, count(*) FILTER (WHERE v.worth_usdc IS NULL) AS unpriced,
       min(v.price_at) AS prices_at, array_agg(DISTINCT v.token_id) AS token_ids
  FROM lot_worth v
 WHERE v.user_id = %(user_id)s AND v.venue = %(venue)s
 GROUP BY v.allocation_id
