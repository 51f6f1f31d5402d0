INSERT INTO orders (order_hash, exit_order_id, attempt, account_id, venue, side, token_id, order_type, shares, limit_price,
                    body, state, cause, worker_epoch)
SELECT n.order_hash, n.exit_order_id, n.attempt, n.account_id, n.venue, 'SELL', n.token_id, 'FAK', n.shares,
       n.limit_price, n.body, 'signed', 'signed', %(epoch)s
  FROM unnest(%(order_hash)s::text[], %(exit_order_id)s::text[], %(attempt)s::integer[], %(account_id)s::text[],
              %(venue)s::text[], %(token_id)s::text[], %(shares)s::numeric[], %(limit_price)s::numeric[],
              %(body)s::bytea[])
       AS n (order_hash, exit_order_id, attempt, account_id, venue, token_id, shares, limit_price, body)
