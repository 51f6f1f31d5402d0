INSERT INTO orders (order_hash, manual_order_id, attempt, account_id, venue, side, token_id, order_type, amount_usdc, shares,
                    limit_price, body, state, cause, worker_epoch)
SELECT n.order_hash, n.manual_order_id, n.attempt, n.account_id, n.venue, n.side, n.token_id, 'FAK', n.amount_usdc, n.shares,
       n.limit_price, n.body, 'signed', 'signed', %(epoch)s
  FROM unnest(%(order_hash)s::text[], %(manual_order_id)s::text[], %(attempt)s::integer[], %(account_id)s::text[],
              %(venue)s::text[], %(side)s::text[], %(token_id)s::text[], %(amount_usdc)s::numeric[],
              %(shares)s::numeric[], %(limit_price)s::numeric[], %(body)s::bytea[])
       AS n (order_hash, manual_order_id, attempt, account_id, venue, side, token_id, amount_usdc, shares, limit_price, body)
