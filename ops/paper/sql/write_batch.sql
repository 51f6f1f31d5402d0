-- Everything of a batch of orders in one statement, so in one transaction: wholly or not at all.
WITH new_orders AS (
    INSERT INTO paper.orders (order_id, account, api_key, token_id, side, order_type, price, maker_amount, taker_amount,
                              matched_shares, matched_usdc, reserved, status, expires_at, due_at, due_as, placed_at, signed)
    SELECT order_id, account, api_key, token_id, side, order_type, price, maker_amount, taker_amount,
           matched_shares, matched_usdc, reserved, status, expires_at, due_at, due_as, placed_at, signed
      FROM jsonb_to_recordset(%(orders)s::jsonb) AS o (
           order_id text, account text, api_key uuid, token_id text, side text, order_type text, price numeric,
           maker_amount bigint, taker_amount bigint, matched_shares bigint, matched_usdc bigint, reserved bigint,
           status text, expires_at timestamptz, due_at timestamptz, due_as text, placed_at timestamptz,
           signed jsonb)
), new_trades AS (
    INSERT INTO paper.trades (trade_id, order_id, account, api_key, token_id, side, trader_side, shares, price, usdc, fee,
                              fee_rate, matched_at, mined_at, confirmed_at, fails_at, lags_until, transaction_hash)
    SELECT trade_id, order_id, account, api_key, token_id, side, trader_side, shares, price, usdc, fee,
           fee_rate, matched_at, mined_at, confirmed_at, fails_at, lags_until, transaction_hash
      FROM jsonb_to_recordset(%(trades)s::jsonb) AS t (
           trade_id uuid, order_id text, account text, api_key uuid, token_id text, side text, trader_side text,
           shares bigint, price numeric, usdc bigint, fee bigint, fee_rate numeric, matched_at timestamptz,
           mined_at timestamptz, confirmed_at timestamptz, fails_at timestamptz, lags_until timestamptz,
           transaction_hash text)
), new_entries AS (
    INSERT INTO paper.entries (at, cause, reference, asset, from_party, to_party, amount)
    SELECT at, cause, reference, asset, from_party, to_party, amount
      FROM jsonb_to_recordset(%(entries)s::jsonb) AS e (
           at timestamptz, cause text, reference text, asset text, from_party text, to_party text, amount bigint)
), new_books AS (
    INSERT INTO paper.books (token_id, bids, asks, taken_at)
    SELECT token_id, bids, asks, taken_at
      FROM jsonb_to_recordset(%(books)s::jsonb) AS b (token_id text, bids jsonb, asks jsonb, taken_at timestamptz)
    ON CONFLICT (token_id) DO UPDATE
       SET bids = excluded.bids, asks = excluded.asks, taken_at = excluded.taken_at
), deltas AS (
    SELECT party, asset, amount FROM jsonb_to_recordset(%(deltas)s::jsonb) AS d (party text, asset text, amount bigint)
), changed AS (
    UPDATE paper.balances b SET amount = b.amount + d.amount
      FROM deltas d
     WHERE b.party = d.party AND b.asset = d.asset
    RETURNING b.party, b.asset
)
-- Not ON CONFLICT: its CHECK looks at the delta, which may be below zero, before it looks for the row.
INSERT INTO paper.balances (party, asset, amount)
SELECT d.party, d.asset, d.amount
  FROM deltas d
 WHERE NOT EXISTS (SELECT FROM changed c WHERE c.party = d.party AND c.asset = d.asset)
