-- Wallets as people look at them before they follow (UX S4, S5, N2).

-- What a list of wallets said of them when it was imported; shown with its date, never taken for ours.
ALTER TABLE watched_addresses
    ADD COLUMN imported_at           timestamptz,
    ADD COLUMN imported_markets      integer CHECK (imported_markets >= 0),
    ADD COLUMN imported_score        numeric(20,6),
    ADD COLUMN imported_result_usdc  numeric(20,6);

-- The trades of one wallet in order of time: the list that people see, and the worker that works out the facts.
CREATE INDEX trades_by_wallet ON trades (wallet, traded_at DESC, trade_id DESC);

-- Worked out from `trades` by the stage wallet_facts, off the way of a trade; amounts in USDC, over `days` days.
CREATE TABLE wallet_facts (
    wallet               text PRIMARY KEY,
    computed_at          timestamptz NOT NULL,
    days                 integer NOT NULL,
    seen_since           timestamptz,            -- the first trade we know
    last_trade_at        timestamptz,
    trades               integer NOT NULL,
    buys                 integer NOT NULL,
    sells                integer NOT NULL,
    markets              integer NOT NULL,
    trades_per_day       numeric(20,6),
    every_seconds        integer,                -- median pause between bursts
    stake_median_usdc    numeric(20,6),
    stake_largest_usdc   numeric(20,6),
    price_low            numeric(22,20),         -- the middle half of what was paid per share
    price_high           numeric(22,20),
    buys_over_minimum    integer NOT NULL,
    categories           jsonb NOT NULL,         -- [name, percent of what was bought] by money
    main_categories      text[] NOT NULL,        -- lower case; those of at least a quarter
    -- Of positions seen from start to end, in the lookback of the stage.
    result_usdc          numeric(20,6),
    best_usdc            numeric(20,6),          -- of the best market
    result_markets       integer NOT NULL,
    won_markets          integer NOT NULL,
    ended_markets        integer NOT NULL        -- of them those that are resolved (SAFETY R34)
);
CREATE INDEX wallet_facts_by_age ON wallet_facts (computed_at);
CREATE INDEX wallet_facts_by_ended ON wallet_facts (ended_markets DESC, markets DESC, wallet DESC);

-- Who had a wallet watched by looking at it; so many a day, so that nobody makes us watch the whole exchange.
CREATE TABLE wallet_looks (
    user_id    text NOT NULL,
    wallet     text NOT NULL,
    looked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, wallet)
);
CREATE INDEX wallet_looks_of_day ON wallet_looks (user_id, looked_at);
ALTER TABLE wallet_looks ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON wallet_looks TO polycool_api
    USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON wallet_looks TO polycool_api
    USING (user_id = (SELECT current_setting('polycool.user_id', true)));

GRANT SELECT ON wallet_facts, wallet_looks TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT, UPDATE ON wallet_facts TO polycool_streams;
GRANT INSERT ON wallet_looks TO polycool_api;
