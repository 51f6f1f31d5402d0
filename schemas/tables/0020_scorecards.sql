-- How the signals of smart traders did, and what that says of a wallet (UX S12a, N15).

-- How a signal did, per share: once after 1 h, after 24 h and at the end. Without a price: it was not to be had in time.
CREATE TABLE signal_grades (
    signal_id   text NOT NULL,
    horizon     text NOT NULL CHECK (horizon IN ('1h', '24h', 'end')),
    wallet      text NOT NULL,
    due_at      timestamptz NOT NULL,
    graded_at   timestamptz NOT NULL,            -- when the price was taken
    price       numeric(22,20),                  -- the best bid, or the payout
    gross_usdc  numeric(22,20),
    net_usdc    numeric(22,20),                  -- less the fees of buying and, unless it ended, of selling
    PRIMARY KEY (signal_id, horizon),
    CHECK ((price IS NULL) = (gross_usdc IS NULL) AND (price IS NULL) = (net_usdc IS NULL))
);
CREATE INDEX signal_grades_of_wallet ON signal_grades (wallet, horizon, due_at DESC);
CREATE INDEX smart_signals_by_token ON smart_signals (token_id, last_at DESC);

-- The last signals of a wallet taken together; null where there are too few to say.
CREATE TABLE wallet_scores (
    wallet              text PRIMARY KEY,
    computed_at         timestamptz NOT NULL,
    signals             integer NOT NULL,
    after_1h_usdc       numeric(20,6),
    after_24h_usdc      numeric(20,6),
    after_24h_net_usdc  numeric(20,6),
    at_end_usdc         numeric(20,6),
    at_end_net_usdc     numeric(20,6)
);

GRANT SELECT ON signal_grades, wallet_scores TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT ON signal_grades TO polycool_streams;
GRANT INSERT, UPDATE ON wallet_scores TO polycool_streams;
-- Whoever grades asks for the price as a person does who looks.
GRANT INSERT, UPDATE ON price_wishes TO polycool_streams;
