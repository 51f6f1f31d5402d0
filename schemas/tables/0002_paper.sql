-- The paper exchange: its own schema, its own role, its own tables; it shares nothing with the way of a trade.
-- Money and shares are bigint micro-units (1 USDC or 1 share = 1,000,000), so that sums are exact and fast.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'polycool_paper') THEN
        BEGIN
            CREATE ROLE polycool_paper NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this cluster was quicker
        END;
    END IF;
END $$;

CREATE SCHEMA paper;

-- One row per token. condition_id is what goes over the wire; market_id is how the operator names the market.
CREATE TABLE paper.tokens (
    token_id          text PRIMARY KEY CHECK (token_id ~ '^[0-9]{1,78}$'),
    market_id         text NOT NULL,
    condition_id      text NOT NULL,
    question          text NOT NULL,
    outcome           text NOT NULL,
    tick              numeric(5,4) NOT NULL CHECK (tick > 0 AND tick < 1),
    min_buy_micro     bigint NOT NULL CHECK (min_buy_micro >= 0),
    min_rest_micro    bigint NOT NULL CHECK (min_rest_micro >= 0),
    fee_rate          numeric(10,8) NOT NULL CHECK (fee_rate BETWEEN 0 AND 1),
    fee_exponent      numeric(6,4) NOT NULL CHECK (fee_exponent >= 0),
    neg_risk          boolean NOT NULL,
    accepting_orders  boolean NOT NULL,
    closed            boolean NOT NULL,
    seconds_delay     integer NOT NULL CHECK (seconds_delay >= 0),
    end_at            timestamptz,
    last_price        numeric(22,20) CHECK (last_price > 0 AND last_price < 1),
    last_side         text CHECK (last_side IN ('BUY', 'SELL')),
    payout_micro      bigint CHECK (payout_micro BETWEEN 0 AND 1000000),
    resolved_at       timestamptz,
    CHECK ((payout_micro IS NULL) = (resolved_at IS NULL)),
    CHECK (resolved_at IS NULL OR closed)
);
CREATE INDEX tokens_of_market ON paper.tokens (market_id);
CREATE INDEX tokens_of_condition ON paper.tokens (condition_id);

-- Levels as [[price, shares in micro], …], best first on both sides.
CREATE TABLE paper.books (
    token_id  text PRIMARY KEY REFERENCES paper.tokens,
    bids      jsonb NOT NULL,
    asks      jsonb NOT NULL,
    taken_at  timestamptz NOT NULL
);

-- An account is an address that holds money; owner is the address that signs for it.
CREATE TABLE paper.accounts (
    address         text PRIMARY KEY CHECK (address ~ '^0x[0-9a-f]{40}$'),
    owner           text NOT NULL CHECK (owner ~ '^0x[0-9a-f]{40}$'),
    signature_type  smallint NOT NULL CHECK (signature_type BETWEEN 0 AND 3),
    opened_at       timestamptz NOT NULL
);
CREATE INDEX accounts_of_owner ON paper.accounts (owner);

CREATE TABLE paper.api_keys (
    api_key     uuid PRIMARY KEY,
    address     text NOT NULL CHECK (address ~ '^0x[0-9a-f]{40}$'),
    nonce       bigint NOT NULL,
    secret      text NOT NULL,
    passphrase  text NOT NULL,
    created_at  timestamptz NOT NULL,
    UNIQUE (address, nonce)
);

-- Requests of the operator that move money: done once per request_id.
CREATE TABLE paper.requests (
    request_id  text PRIMARY KEY,
    content     jsonb NOT NULL,
    done_at     timestamptz NOT NULL
);

CREATE TABLE paper.orders (
    order_id         text PRIMARY KEY CHECK (order_id ~ '^0x[0-9a-f]{64}$'),
    account          text NOT NULL REFERENCES paper.accounts,
    api_key          uuid NOT NULL,
    token_id         text NOT NULL REFERENCES paper.tokens,
    side             text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    order_type       text NOT NULL CHECK (order_type IN ('GTC', 'GTD', 'FOK', 'FAK')),
    price            numeric(22,20) NOT NULL CHECK (price > 0 AND price < 1),
    maker_amount     bigint NOT NULL CHECK (maker_amount > 0),
    taker_amount     bigint NOT NULL CHECK (taker_amount > 0),
    matched_shares   bigint NOT NULL CHECK (matched_shares >= 0),
    matched_usdc     bigint NOT NULL CHECK (matched_usdc >= 0),
    -- What a resting order holds back: micro-USDC of a BUY, micro-shares of a SELL; 0 once it is over.
    reserved         bigint NOT NULL CHECK (reserved >= 0),
    status           text NOT NULL CHECK (status IN ('LIVE', 'MATCHED', 'CANCELED', 'CANCELED_MARKET_RESOLVED')),
    expires_at       timestamptz,
    placed_at        timestamptz NOT NULL,
    signed           jsonb NOT NULL,
    CHECK (status = 'LIVE' OR reserved = 0)
);
CREATE INDEX orders_live ON paper.orders (account) WHERE status = 'LIVE';
CREATE INDEX orders_live_token ON paper.orders (token_id) WHERE status = 'LIVE';

CREATE TABLE paper.trades (
    trade_id          uuid PRIMARY KEY,
    order_id          text NOT NULL REFERENCES paper.orders,
    account           text NOT NULL,
    api_key           uuid NOT NULL,
    token_id          text NOT NULL,
    side              text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    trader_side       text NOT NULL CHECK (trader_side IN ('TAKER', 'MAKER')),
    shares            bigint NOT NULL CHECK (shares > 0),
    price             numeric(22,20) NOT NULL CHECK (price > 0 AND price < 1),
    usdc              bigint NOT NULL CHECK (usdc >= 0),
    fee               bigint NOT NULL CHECK (fee >= 0),
    fee_rate          numeric(10,8) NOT NULL,
    matched_at        timestamptz NOT NULL,
    mined_at          timestamptz NOT NULL,
    confirmed_at      timestamptz NOT NULL,
    failed_at         timestamptz,
    transaction_hash  text NOT NULL
);
CREATE INDEX trades_of_order ON paper.trades (order_id);
CREATE INDEX trades_of_account ON paper.trades (account, matched_at, trade_id);

-- Every movement is a transfer, so the sum over all accounts is zero by construction; rows are never changed.
-- 'outside', 'market' and 'fees' are the exchange's own sides: deposits, the counterparty of every trade, fees.
CREATE TABLE paper.entries (
    entry_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    cause       text NOT NULL CHECK (cause IN ('credit', 'trade', 'fee', 'payout', 'reversal')),
    reference   text NOT NULL,  -- request_id, trade_id, or resolution of a token
    asset       text NOT NULL,  -- 'USDC' or a token_id
    from_party  text NOT NULL,
    to_party    text NOT NULL CHECK (to_party <> from_party),
    amount      bigint NOT NULL CHECK (amount > 0)
);
CREATE INDEX entries_from ON paper.entries (from_party, entry_id);
CREATE INDEX entries_to ON paper.entries (to_party, entry_id);

-- What the entries add up to, kept in the same statement as they are; people never go below zero.
CREATE TABLE paper.balances (
    party   text NOT NULL,
    asset   text NOT NULL,
    amount  bigint NOT NULL CHECK (amount >= 0 OR party IN ('outside', 'market', 'fees')),
    PRIMARY KEY (party, asset)
);
CREATE INDEX balances_of_asset ON paper.balances (asset) WHERE amount > 0;

GRANT USAGE ON SCHEMA paper TO polycool_paper;
GRANT SELECT ON ALL TABLES IN SCHEMA paper TO polycool_paper;
GRANT INSERT, UPDATE ON paper.tokens, paper.books, paper.accounts, paper.balances TO polycool_paper;
GRANT INSERT, UPDATE (matched_shares, matched_usdc, reserved, status) ON paper.orders TO polycool_paper;
GRANT INSERT, UPDATE (failed_at) ON paper.trades TO polycool_paper;
GRANT INSERT ON paper.entries, paper.requests TO polycool_paper;
GRANT INSERT, DELETE ON paper.api_keys TO polycool_paper;
