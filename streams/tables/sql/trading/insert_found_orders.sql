-- Orders that only the exchange knew: told apart by their empty body; nobody can post them (SAFETY R19).
WITH found AS (
    SELECT * FROM json_to_recordset(%(rows)s)
        AS r (order_hash text, account_id text, venue text, token_id text, side text, open boolean, shares numeric,
              usdc numeric, fee_usdc numeric, price numeric, booked boolean)
), kept AS (
    INSERT INTO found_orders (order_hash, account_id, venue, token_id, side, open, shares, usdc, fee_usdc, booked_at)
    SELECT order_hash, account_id, venue, token_id, side, open, shares, usdc, fee_usdc,
           CASE WHEN booked THEN clock_timestamp() END
      FROM found
    ON CONFLICT (order_hash) DO UPDATE
       SET shares = EXCLUDED.shares, usdc = EXCLUDED.usdc, fee_usdc = EXCLUDED.fee_usdc, booked_at = EXCLUDED.booked_at
     WHERE found_orders.booked_at IS NULL
), stopped AS (
    INSERT INTO account_stops (account_id, cause, ref)
    SELECT account_id, 'found', order_hash FROM found
    ON CONFLICT (account_id, cause, ref) DO NOTHING
)
INSERT INTO orders (order_hash, attempt, account_id, venue, side, token_id, order_type, amount_usdc, shares, limit_price,
                    body, state, cause, worker_epoch, proven_at, filled_shares, filled_usdc, fee_usdc)
SELECT order_hash, 1, account_id, venue, side, token_id, 'FAK', CASE side WHEN 'BUY' THEN usdc END,
       CASE side WHEN 'SELL' THEN shares END, price, ''::bytea, 'settled', 'found at the exchange', %(epoch)s,
       clock_timestamp(), shares, usdc, fee_usdc
  FROM found
 WHERE booked
ON CONFLICT (order_hash) DO NOTHING
