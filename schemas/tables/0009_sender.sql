-- What stops an account's live BUYs besides what 0008 names: refusals of its own in a row, and orders at the exchange
-- that the tables did not know (SAFETY R19); and those orders.

ALTER TABLE account_stops DROP CONSTRAINT account_stops_cause_check;
ALTER TABLE account_stops ADD CONSTRAINT account_stops_cause_check
    CHECK (cause IN ('late_fill', 'shortfall', 'external', 'audit', 'refusals', 'found'));

-- Orders of an account that only the exchange knows: after a restore, or posted by somebody else with its key.
CREATE TABLE found_orders (
    order_hash  text PRIMARY KEY,
    account_id  text NOT NULL REFERENCES accounts,
    venue       text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    token_id    text NOT NULL,
    side        text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    open        boolean NOT NULL,            -- it rested when it was found, and was cancelled
    shares      numeric(20,6) NOT NULL,      -- filled
    usdc        numeric(20,6) NOT NULL,
    fee_usdc    numeric(20,6) NOT NULL,
    booked_at   timestamptz,                 -- its fills are in the books, by hand
    found_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX found_orders_of_account ON found_orders (account_id);

GRANT SELECT ON found_orders TO polycool_streams, polycool_trading;
GRANT INSERT, UPDATE ON found_orders TO polycool_trading;
