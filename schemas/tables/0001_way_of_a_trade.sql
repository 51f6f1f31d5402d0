-- The tables of the way of a trade. USDC and shares: numeric(20,6); price: numeric(22,20); token ids: text.
-- Each table has one writer (writers.py); the grants at the end say the same to the database.

DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['polycool_streams', 'polycool_trading', 'polycool_api'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this cluster was quicker
            END;
        END IF;
    END LOOP;
END $$;

-- Binding to one Kafka cluster and prefix (SAFETY R32), and the partition count of each living topic (R23).
CREATE TABLE database_binding (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    cluster_id    text NOT NULL,
    topic_prefix  text NOT NULL,
    bound_at      timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE topic_partitions (
    topic       text PRIMARY KEY,
    partitions  integer NOT NULL CHECK (partitions > 0),
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- People and their money ---------------------------------------------------------------------------------------------
CREATE TABLE users (
    user_id      text PRIMARY KEY,
    label        text NOT NULL CHECK (length(label) BETWEEN 1 AND 80),
    telegram_id  bigint UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accounts (
    account_id    text PRIMARY KEY,
    user_id       text NOT NULL REFERENCES users,
    venue         text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    state         text NOT NULL DEFAULT 'opening' CHECK (state IN ('opening', 'ready', 'closed')),
    wallet        text UNIQUE CHECK (wallet ~ '^0x[0-9a-f]{40}$'),
    cash_usdc     numeric(20,6) NOT NULL DEFAULT 0,
    armed_at      timestamptz,
    day_cap_usdc  numeric(20,6) CHECK (day_cap_usdc > 0),
    opened_at     timestamptz NOT NULL DEFAULT now(),
    -- Never written: the right to update it is the right to lock the row (SAFETY R4).
    locked        boolean NOT NULL DEFAULT false,
    UNIQUE (user_id, venue),
    CHECK (state <> 'ready' OR wallet IS NOT NULL)
);

-- What somebody asked to be credited with (paper money); done once there is a cash entry with this reference.
CREATE TABLE account_credits (
    credit_id   text PRIMARY KEY,
    account_id  text NOT NULL REFERENCES accounts,
    usdc        numeric(20,6) NOT NULL CHECK (usdc > 0),
    asked_at    timestamptz NOT NULL DEFAULT now()
);

-- Every change of an account's cash; the sum is accounts.cash_usdc.
CREATE TABLE cash_entries (
    entry_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  text NOT NULL REFERENCES accounts,
    cause       text NOT NULL CHECK (cause IN ('credit', 'buy', 'sell', 'payout', 'reversal', 'external')),
    ref         text NOT NULL,
    usdc        numeric(20,6) NOT NULL,
    booked_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cause, ref)
);
CREATE INDEX cash_entries_by_account ON cash_entries (account_id, entry_id);

-- AES-256-GCM envelopes (DESIGN §13): a data key per wallet, wrapped by the provider's key.
CREATE TABLE wallet_keys (
    account_id        text PRIMARY KEY REFERENCES accounts,
    user_id           text NOT NULL,
    wallet            text NOT NULL UNIQUE,
    version           integer NOT NULL,
    provider          text NOT NULL,
    wrapped_data_key  bytea NOT NULL,
    sealed_key        bytea NOT NULL,
    sealed_api        bytea,
    created_at        timestamptz NOT NULL DEFAULT now()
);

-- Watched wallets ----------------------------------------------------------------------------------------------------
CREATE TABLE watched_addresses (
    wallet      text PRIMARY KEY CHECK (wallet ~ '^0x[0-9a-f]{40}$'),
    version     bigint NOT NULL CHECK (version > 0),
    label       text,
    win_rate    numeric(6,5) CHECK (win_rate BETWEEN 0 AND 1),
    added_at    timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    locked      boolean NOT NULL DEFAULT false  -- never written, as in accounts
);

-- Roles with their time: `to_at` null is held now. The trigger on copy_orders reads it (DESIGN §4.3).
CREATE TABLE wallet_roles (
    wallet         text NOT NULL REFERENCES watched_addresses,
    role           text NOT NULL CHECK (role IN ('copy_leader', 'smart_trader')),
    since_version  bigint NOT NULL,
    from_at        timestamptz NOT NULL DEFAULT now(),
    to_at          timestamptz,
    PRIMARY KEY (wallet, role, since_version)
);
CREATE UNIQUE INDEX wallet_roles_held ON wallet_roles (wallet, role) WHERE to_at IS NULL;

-- Classify has read the wallet's roles at this version (SAFETY R16); `active_from` of an allocation is not before it.
CREATE TABLE role_reads (
    wallet   text NOT NULL,
    version  bigint NOT NULL,
    read_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (wallet, version)
);

-- What leaders and smart traders did ---------------------------------------------------------------------------------
CREATE TABLE trades (
    wallet          text NOT NULL,
    trade_id        text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('trade', 'redeem', 'merge', 'split', 'transfer', 'conversion', 'undone')),
    source          text NOT NULL CHECK (source IN ('chain', 'webhook', 'former', 'file', 'generated')),
    side            text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    token_id        text NOT NULL,
    size            numeric NOT NULL CHECK (size > 0),
    price           numeric(22,20),
    usdc            numeric,
    tx_hash         text,
    order_hash      text,
    traded_at       timestamptz NOT NULL,
    appended_at     timestamptz NOT NULL,
    classified_at   timestamptz NOT NULL,
    content         bytea NOT NULL,          -- 16 bytes over the content; the same id with another one is a conflict
    leader_number   bigint,                  -- place in the wallet's ledger, per role
    smart_number    bigint,
    leader_message  bytea,                   -- what went onto copy_leader / smart_trader; sent again byte for byte (R36)
    smart_message   bytea,
    PRIMARY KEY (wallet, trade_id)
);
CREATE INDEX trades_by_transaction ON trades (tx_hash, wallet);
CREATE UNIQUE INDEX trades_by_leader_number ON trades (wallet, leader_number) WHERE leader_number IS NOT NULL;
CREATE INDEX trades_by_time ON trades (traded_at DESC, trade_id);

-- The last number given per wallet and role, and since which version of the roles the ledger runs (R16).
CREATE TABLE wallet_ledgers (
    wallet         text NOT NULL,
    role           text NOT NULL CHECK (role IN ('copy_leader', 'smart_trader')),
    last_number    bigint NOT NULL,
    since_version  bigint NOT NULL,
    unsure         boolean NOT NULL,         -- positions of tokens not seen yet start unsure
    PRIMARY KEY (wallet, role)
);

CREATE TABLE leader_positions (
    wallet                 text NOT NULL,
    token_id               text NOT NULL,
    shares                 numeric(20,6) NOT NULL CHECK (shares >= 0),
    gap                    numeric(20,6) NOT NULL DEFAULT 0,
    unsure                 boolean NOT NULL DEFAULT false,
    traded                 boolean NOT NULL DEFAULT false,  -- a message of kind `trade` was seen
    buy_burst_started_at   timestamptz,
    buy_burst_latest_at    timestamptz,
    buy_burst_first        boolean NOT NULL DEFAULT false,  -- the BUY burst began with the wallet's first trade in the token
    sell_burst_started_at  timestamptz,
    sell_burst_latest_at   timestamptz,
    number                 bigint NOT NULL,                 -- of the last message that moved it
    PRIMARY KEY (wallet, token_id)
);
CREATE TABLE smart_traders_positions (LIKE leader_positions INCLUDING ALL);

CREATE TABLE markets (
    token_id          text PRIMARY KEY,
    version           bigint NOT NULL,
    market_id         text NOT NULL,
    question          text,
    outcome           text,
    tick              numeric(22,20) NOT NULL,
    min_buy_usdc      numeric(20,6) NOT NULL,
    min_rest_shares   numeric(20,6) NOT NULL,
    fee_rate          numeric(22,20) NOT NULL,
    neg_risk          boolean NOT NULL,
    exchange_version  smallint NOT NULL CHECK (exchange_version IN (2, 3)),
    category          text,
    end_at            timestamptz,
    closed            boolean NOT NULL,
    payout            numeric(22,20) CHECK (payout BETWEEN 0 AND 1),
    resolved_at       timestamptz,
    seen_at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX markets_by_market ON markets (market_id);
CREATE INDEX markets_resolved ON markets (token_id) WHERE payout IS NOT NULL;

CREATE TABLE leader_values (
    wallet    text NOT NULL,
    taken_at  timestamptz NOT NULL,
    usdc      numeric(20,6) NOT NULL CHECK (usdc >= 0),
    PRIMARY KEY (wallet, taken_at)
);

-- Allocations --------------------------------------------------------------------------------------------------------
CREATE TABLE copy_trading_allocations (
    allocation_id  text PRIMARY KEY,
    user_id        text NOT NULL REFERENCES users,
    account_id     text NOT NULL REFERENCES accounts,
    leader         text NOT NULL REFERENCES watched_addresses,
    venue          text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    state          text NOT NULL CHECK (state IN ('active', 'paused', 'closing', 'ended')),
    version        integer NOT NULL CHECK (version > 0),
    role_version   bigint NOT NULL,          -- of watched_addresses when the following began; see role_reads
    settings       jsonb NOT NULL,           -- schemas.allocations.AllocationSettings
    active_from    timestamptz NOT NULL,     -- in force: the later of this and role_reads.read_at of role_version
    buys_from      timestamptz,              -- set by resume: a BUY traded before it is skipped PAUSED (R31)
    created_at     timestamptz NOT NULL DEFAULT now(),
    changed_at     timestamptz NOT NULL DEFAULT now(),
    ended_at       timestamptz,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX allocations_one_living ON copy_trading_allocations (user_id, leader, venue) WHERE state <> 'ended';
CREATE INDEX allocations_by_leader ON copy_trading_allocations (leader, allocation_id) WHERE state <> 'ended';
CREATE INDEX allocations_by_account ON copy_trading_allocations (account_id);

CREATE TABLE allocation_history (
    allocation_id  text NOT NULL REFERENCES copy_trading_allocations,
    version        integer NOT NULL,
    state          text NOT NULL,
    settings       jsonb NOT NULL,
    changed_by     text NOT NULL,
    changed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (allocation_id, version)
);

-- Operators' switches: `buys` (kill switch), `halt` (nothing is posted), `live` (live allowed). `stopped` is the safe side.
CREATE TABLE switches (
    name        text PRIMARY KEY CHECK (name IN ('buys', 'halt', 'live')),
    stopped     boolean NOT NULL,
    who         text NOT NULL,
    note        text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()   -- a BUY traded before buying was allowed again is BUYS_STOPPED (R31)
);
CREATE TABLE switch_history (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    stopped     boolean NOT NULL,
    who         text NOT NULL,
    note        text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO switches (name, stopped, who, note, changed_at) VALUES
    ('buys', false, 'migration', 'first start', '-infinity'),
    ('halt', false, 'migration', 'first start', '-infinity'),
    ('live', true, 'migration', 'live trading is off until an operator allows it', '-infinity');

-- Copy orders: the ledger of promises 1 and 2 ------------------------------------------------------------------------
-- Each trade of a leader that was decided, for how many allocations; a redelivered one is known by it.
CREATE TABLE leader_decisions (
    leader       text NOT NULL,
    number       bigint NOT NULL,
    trade_id     text NOT NULL,
    kind         text NOT NULL,
    side         text NOT NULL,
    traded_at    timestamptz NOT NULL,
    allocations  integer NOT NULL,           -- how many copy orders it yielded
    decided_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (leader, number)
);

CREATE TABLE copy_orders (
    copy_order_id       text PRIMARY KEY,    -- C-…, derived from trade and allocation
    trade_id            text NOT NULL,
    allocation_id       text NOT NULL,
    allocation_version  integer NOT NULL,
    user_id             text NOT NULL,
    account_id          text NOT NULL,
    follower            text,                -- the account's wallet
    leader              text NOT NULL,
    number              bigint NOT NULL,     -- of the leader's ledger
    venue               text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    side                text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    token_id            text NOT NULL,
    market_id           text,
    leader_order_hash   text,
    burst_started_at    timestamptz,
    state               text NOT NULL CHECK (state IN ('waiting', 'planned', 'submitting', 'unknown', 'filled', 'partial',
                                                       'unfilled', 'rejected', 'skipped', 'expired')),
    reason              text,
    reject_reason       text CHECK (reject_reason IN ('NOT_ENOUGH', 'TICK', 'SIZE', 'SIGNATURE', 'REGION', 'CLOSE_ONLY',
                                                      'BANNED', 'NO_BOOK', 'UNAUTHORIZED', 'OTHER')),
    cause               text NOT NULL,       -- of the last transition, for people
    reduced_by          text,
    amount_usdc         numeric(20,6),       -- BUY, as planned
    shares              numeric(20,6),       -- SELL, as planned
    limit_price         numeric(22,20),      -- of the first attempt
    reserve_usdc        numeric(20,6),       -- BUY; counts while the state is open
    carried_usdc        numeric(20,6),
    taken_up            boolean NOT NULL DEFAULT false,   -- RULES §2: a BUY was planned, or an amount carried
    traded_at           timestamptz NOT NULL,
    appended_at         timestamptz NOT NULL,
    decided_at          timestamptz NOT NULL,
    deadline            timestamptz,         -- BUY: traded_at + max_age; none for a SELL, which never ages
    attempts            integer NOT NULL DEFAULT 0,
    next_attempt_at     timestamptz,
    filled_shares       numeric(20,6) NOT NULL DEFAULT 0,
    filled_usdc         numeric(20,6) NOT NULL DEFAULT 0,
    fee_usdc            numeric(20,6) NOT NULL DEFAULT 0,
    realised_usdc       numeric(20,6) NOT NULL DEFAULT 0,
    reversed            boolean NOT NULL DEFAULT false,
    late_fill           boolean NOT NULL DEFAULT false,
    inputs              jsonb,               -- what the decision read, so that it can be made again
    checks              jsonb,               -- [name, passed, value, limit] in the order of RULES §3, §4
    times               jsonb NOT NULL,      -- stage → time: appended, classified, read, decided …
    ended_at            timestamptz,
    UNIQUE (trade_id, allocation_id),
    CHECK (state NOT IN ('skipped', 'expired') OR reason IS NOT NULL),
    CHECK (state <> 'rejected' OR reject_reason IS NOT NULL),
    CHECK (side = 'SELL' OR state NOT IN ('planned', 'submitting', 'unknown', 'filled', 'partial', 'unfilled', 'rejected')
           OR (amount_usdc IS NOT NULL AND reserve_usdc IS NOT NULL AND limit_price IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'planned', 'submitting', 'unknown')))
);
CREATE INDEX copy_orders_open ON copy_orders (allocation_id, token_id)
    WHERE state IN ('waiting', 'planned', 'submitting', 'unknown');
CREATE INDEX copy_orders_open_by_account ON copy_orders (account_id)
    WHERE state IN ('waiting', 'planned', 'submitting', 'unknown');
CREATE INDEX copy_orders_to_send ON copy_orders (deadline NULLS FIRST, copy_order_id) WHERE state = 'planned';
CREATE INDEX copy_orders_waiting ON copy_orders (allocation_id, token_id, number) WHERE state = 'waiting';
CREATE INDEX copy_orders_taken_up ON copy_orders (allocation_id, token_id, burst_started_at) WHERE taken_up;
CREATE INDEX copy_orders_taken_up_hash ON copy_orders (allocation_id, leader_order_hash)
    WHERE taken_up AND leader_order_hash IS NOT NULL;
CREATE INDEX copy_orders_day ON copy_orders (allocation_id, decided_at) WHERE taken_up AND side = 'BUY';
CREATE INDEX copy_orders_by_user ON copy_orders (user_id, decided_at DESC, copy_order_id DESC);
CREATE INDEX copy_orders_by_time ON copy_orders (decided_at DESC, copy_order_id DESC);
CREATE INDEX copy_orders_copied_buys ON copy_orders (follower, token_id, decided_at) WHERE taken_up AND side = 'BUY';

CREATE TABLE copy_order_transitions (
    copy_order_id  text NOT NULL,
    from_state     text,
    to_state       text NOT NULL,
    cause          text NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    transition_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
CREATE INDEX copy_order_transitions_of ON copy_order_transitions (copy_order_id, transition_id);

CREATE TABLE carried (
    allocation_id  text NOT NULL,
    token_id       text NOT NULL,
    usdc           numeric(20,6) NOT NULL CHECK (usdc > 0),
    since          timestamptz NOT NULL,
    PRIMARY KEY (allocation_id, token_id)
);

-- Orders at the exchange ---------------------------------------------------------------------------------------------
CREATE TABLE orders (
    order_hash       text PRIMARY KEY,
    copy_order_id    text,                   -- none for an order by hand
    attempt          integer NOT NULL CHECK (attempt > 0),
    account_id       text NOT NULL,
    venue            text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    side             text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    token_id         text NOT NULL,
    order_type       text NOT NULL CHECK (order_type IN ('FAK', 'FOK', 'GTC', 'GTD')),
    amount_usdc      numeric(20,6),
    shares           numeric(20,6),
    limit_price      numeric(22,20) NOT NULL,
    body             bytea NOT NULL,         -- the exact bytes of the POST; only these are ever posted
    state            text NOT NULL CHECK (state IN ('signed', 'submitting', 'accepted', 'matched', 'killed', 'rejected',
                                                    'unknown', 'dropped', 'settled', 'failed')),
    reject_reason    text,
    words            text,                   -- the exchange's own
    cause            text NOT NULL,
    worker_epoch     bigint NOT NULL,
    posts            integer NOT NULL DEFAULT 0,
    signed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    posted_at        timestamptz,            -- the first POST
    last_posted_at   timestamptz,
    answered_at      timestamptz,
    proven_at        timestamptz,            -- the end is proven
    looks            integer NOT NULL DEFAULT 0,
    venue_trade_ids  text[],
    filled_shares    numeric(20,6) NOT NULL DEFAULT 0,
    filled_usdc      numeric(20,6) NOT NULL DEFAULT 0,
    fee_usdc         numeric(20,6) NOT NULL DEFAULT 0,
    UNIQUE (copy_order_id, attempt)
);
-- Promise 1: at most one order of a copy order is open or unknown; a BUY has exactly one order.
CREATE UNIQUE INDEX orders_one_open ON orders (copy_order_id)
    WHERE state IN ('signed', 'submitting', 'accepted', 'unknown');
CREATE UNIQUE INDEX orders_one_buy ON orders (copy_order_id) WHERE side = 'BUY';
CREATE INDEX orders_open ON orders (state, signed_at) WHERE state IN ('signed', 'submitting', 'accepted', 'unknown', 'matched');

CREATE TABLE order_transitions (
    order_hash     text NOT NULL,
    from_state     text,
    to_state       text NOT NULL,
    cause          text NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    transition_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
CREATE INDEX order_transitions_of ON order_transitions (order_hash, transition_id);

CREATE TABLE fills (
    fill_id     text PRIMARY KEY,            -- the venue's trade id and the order's hash
    order_hash  text NOT NULL REFERENCES orders,
    account_id  text NOT NULL,
    side        text NOT NULL,
    token_id    text NOT NULL,
    shares      numeric(20,6) NOT NULL CHECK (shares > 0),
    usdc        numeric(20,6) NOT NULL CHECK (usdc >= 0),
    price       numeric(22,20) NOT NULL,
    fee_usdc    numeric(20,6) NOT NULL CHECK (fee_usdc >= 0),
    status      text NOT NULL,               -- the venue's: MATCHED, MINED, CONFIRMED, RETRYING, FAILED
    matched_at  timestamptz NOT NULL,
    booked_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX fills_by_order ON fills (order_hash);

CREATE TABLE lots (
    lot_id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    allocation_id     text,                  -- none: by hand
    account_id        text NOT NULL,
    user_id           text NOT NULL,
    token_id          text NOT NULL,
    market_id         text NOT NULL,
    shares            numeric(20,6) NOT NULL CHECK (shares >= 0),
    cost_usdc         numeric(20,6) NOT NULL,
    target_shares     numeric(20,6) NOT NULL CHECK (target_shares >= 0),
    adds              integer NOT NULL DEFAULT 0,
    realised_usdc     numeric(20,6) NOT NULL DEFAULT 0,
    fees_usdc         numeric(20,6) NOT NULL DEFAULT 0,
    applied_number    bigint NOT NULL DEFAULT 0,     -- highest number of the leader's ledger applied to it (R18)
    opened_traded_at  timestamptz NOT NULL,          -- of the BUY that opened it (R18)
    tick              numeric(22,20) NOT NULL,       -- the market as it was when bought: exits need no `markets` (R30)
    fee_rate          numeric(22,20) NOT NULL,
    neg_risk          boolean NOT NULL,
    exchange_version  smallint NOT NULL,
    opened_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at         timestamptz,
    closed_by         text CHECK (closed_by IN ('sold', 'dust', 'resolved', 'reversed')),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK (closed_at IS NULL OR shares = 0)
);
CREATE UNIQUE INDEX lots_one_open ON lots (allocation_id, token_id) WHERE closed_at IS NULL AND allocation_id IS NOT NULL;
CREATE INDEX lots_by_account ON lots (account_id) WHERE closed_at IS NULL;
CREATE INDEX lots_by_allocation ON lots (allocation_id);
CREATE INDEX lots_by_token ON lots (token_id) WHERE closed_at IS NULL;

-- Every change of a lot, with its cause; append-only.
CREATE TABLE lot_entries (
    entry_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lot_id         bigint NOT NULL REFERENCES lots,
    cause          text NOT NULL CHECK (cause IN ('buy', 'sell', 'dust', 'payout', 'reversal')),
    ref            text NOT NULL,
    shares         numeric(20,6) NOT NULL,
    cost_usdc      numeric(20,6) NOT NULL,
    realised_usdc  numeric(20,6) NOT NULL,
    fee_usdc       numeric(20,6) NOT NULL,
    booked_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (lot_id, cause, ref)
);

-- What people hold, per owner (a leader's allocation, or by hand).
CREATE VIEW positions AS
SELECT lot_id, user_id, account_id, allocation_id, token_id, market_id, shares, cost_usdc, realised_usdc, fees_usdc,
       opened_at, closed_at, closed_by
FROM lots;

-- One trading worker at a time: who holds the higher epoch; an older one stops (DESIGN §8).
CREATE TABLE worker_epochs (
    role        text PRIMARY KEY CHECK (role = 'trading'),
    epoch       bigint NOT NULL,
    worker      text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    ready_at    timestamptz,
    beat_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Notices for people; sent by the faces. Unique per user and event.
CREATE TABLE notifications (
    notification_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id          text NOT NULL,
    kind             text NOT NULL,
    event            text NOT NULL,
    body             jsonb NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (user_id, kind, event)
);

-- Smart traders ------------------------------------------------------------------------------------------------------
CREATE TABLE smart_decisions (
    wallet            text NOT NULL,
    number            bigint NOT NULL,
    trade_id          text NOT NULL,
    token_id          text NOT NULL,
    burst_started_at  timestamptz,
    result            text NOT NULL CHECK (result IN ('new', 'grown', 'none')),
    reason            text,
    usdc              numeric(20,6) NOT NULL,     -- counted into the burst's sum; 0 when it does not count
    shares            numeric(20,6) NOT NULL,
    traded_at         timestamptz NOT NULL,
    decided_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (wallet, number),
    CHECK ((result = 'none') = (reason IS NOT NULL))
);
CREATE INDEX smart_decisions_of_burst ON smart_decisions (wallet, token_id, burst_started_at);

CREATE TABLE smart_signals (
    signal_id         text PRIMARY KEY,
    wallet            text NOT NULL,
    token_id          text NOT NULL,
    burst_started_at  timestamptz NOT NULL,
    usdc              numeric(20,6) NOT NULL,
    shares            numeric(20,6) NOT NULL,
    average_price     numeric(20,6) NOT NULL,
    fills             integer NOT NULL,
    first_at          timestamptz NOT NULL,
    last_at           timestamptz NOT NULL,
    first_entry       boolean NOT NULL,
    UNIQUE (wallet, token_id, burst_started_at)
);
CREATE INDEX smart_signals_by_time ON smart_signals (last_at DESC, signal_id);

-- Doors --------------------------------------------------------------------------------------------------------------
CREATE TABLE outbox (
    outbox_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic       text NOT NULL,               -- without prefix
    key         text NOT NULL,
    value       bytea,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at     timestamptz
);
CREATE INDEX outbox_unsent ON outbox (outbox_id) WHERE sent_at IS NULL;

-- A webhook's id with its answer, kept 24 h: same id and body → the same answer (SAFETY R22).
CREATE TABLE webhook_receipts (
    webhook_id   text PRIMARY KEY,
    body_sha256  bytea NOT NULL,
    answer       jsonb,
    received_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE idempotency_keys (
    owner         text NOT NULL,
    key           text NOT NULL,
    route         text NOT NULL,
    body_sha256   bytea NOT NULL,
    status        integer,
    answer        jsonb,
    started_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, key)
);

-- Guards that stand even when code forgets ---------------------------------------------------------------------------
-- Promise 3: no copy order of a wallet that is no copy_leader; the share lock keeps the role while we insert.
CREATE FUNCTION copy_orders_need_leader() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE stranger text;
BEGIN
    PERFORM 1 FROM wallet_roles r JOIN (SELECT DISTINCT leader FROM inserted) i ON i.leader = r.wallet
     WHERE r.role = 'copy_leader' AND r.to_at IS NULL FOR SHARE OF r;
    SELECT i.leader INTO stranger FROM (SELECT DISTINCT leader FROM inserted) i
     WHERE NOT EXISTS (SELECT 1 FROM wallet_roles r
                        WHERE r.wallet = i.leader AND r.role = 'copy_leader' AND r.to_at IS NULL) LIMIT 1;
    IF stranger IS NOT NULL THEN
        RAISE EXCEPTION 'wallet % is no copy_leader: no copy order', stranger USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO copy_order_transitions (copy_order_id, from_state, to_state, cause)
        SELECT copy_order_id, NULL, state, cause FROM inserted;
    RETURN NULL;
END $$;
CREATE TRIGGER copy_orders_inserted AFTER INSERT ON copy_orders
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION copy_orders_need_leader();

-- Ends do not change; an ended copy order may only be marked.
CREATE FUNCTION copy_orders_keep_their_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'copy orders are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('filled', 'partial', 'unfilled', 'rejected', 'skipped', 'expired') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'copy order % has ended %: it does not become %', OLD.copy_order_id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.trade_id <> OLD.trade_id OR NEW.allocation_id <> OLD.allocation_id OR NEW.leader <> OLD.leader THEN
        RAISE EXCEPTION 'the identity of copy order % does not change', OLD.copy_order_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER copy_orders_end BEFORE UPDATE OR DELETE ON copy_orders
    FOR EACH ROW EXECUTE FUNCTION copy_orders_keep_their_end();

CREATE FUNCTION copy_orders_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO copy_order_transitions (copy_order_id, from_state, to_state, cause)
        SELECT n.copy_order_id, o.state, n.state, n.cause
          FROM after n JOIN before o USING (copy_order_id) WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE TRIGGER copy_orders_updated AFTER UPDATE ON copy_orders
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION copy_orders_tell();

CREATE FUNCTION orders_keep_their_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'orders are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.body <> OLD.body OR NEW.order_hash <> OLD.order_hash THEN
        RAISE EXCEPTION 'the signed bytes of order % do not change', OLD.order_hash USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('killed', 'rejected', 'dropped', 'failed') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'order % has ended %', OLD.order_hash, OLD.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'settled' AND NEW.state NOT IN ('settled', 'failed') THEN
        RAISE EXCEPTION 'order % has settled', OLD.order_hash USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_end BEFORE UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION orders_keep_their_end();

CREATE FUNCTION orders_tell_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO order_transitions (order_hash, from_state, to_state, cause)
        SELECT order_hash, NULL, state, cause FROM inserted;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_inserted AFTER INSERT ON orders
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION orders_tell_insert();
CREATE FUNCTION orders_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO order_transitions (order_hash, from_state, to_state, cause)
        SELECT n.order_hash, o.state, n.state, n.cause
          FROM after n JOIN before o USING (order_hash) WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_updated AFTER UPDATE ON orders
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION orders_tell();

-- Rights: what writers.py says, said to the database. Triggers that log transitions run as the owner. -----------------
GRANT USAGE ON SCHEMA public TO polycool_streams, polycool_trading, polycool_api;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO polycool_streams, polycool_trading, polycool_api;
REVOKE SELECT ON wallet_keys FROM polycool_streams, polycool_api;
REVOKE SELECT ON webhook_receipts, idempotency_keys FROM polycool_streams, polycool_trading;

-- streams
GRANT INSERT ON trades TO polycool_streams;
GRANT INSERT, UPDATE, DELETE ON wallet_ledgers, leader_positions, smart_traders_positions, carried TO polycool_streams;
GRANT INSERT, UPDATE ON markets, leader_values, role_reads TO polycool_streams;
GRANT DELETE ON leader_values TO polycool_streams;
GRANT INSERT ON leader_decisions, copy_orders, smart_decisions, notifications TO polycool_streams;
GRANT INSERT, UPDATE ON smart_signals TO polycool_streams;
GRANT INSERT, UPDATE (sent_at), DELETE ON outbox TO polycool_streams;
GRANT UPDATE (target_shares, applied_number) ON lots TO polycool_streams;
-- the right to lock
GRANT UPDATE (locked) ON accounts, watched_addresses TO polycool_streams, polycool_trading;
GRANT UPDATE (changed_at) ON copy_trading_allocations TO polycool_streams;

-- trading
GRANT UPDATE (state, wallet, cash_usdc) ON accounts TO polycool_trading;
GRANT INSERT ON cash_entries, fills, lot_entries, notifications, outbox TO polycool_trading;
GRANT UPDATE (status) ON fills TO polycool_trading;
GRANT INSERT, UPDATE ON wallet_keys, orders, lots, worker_epochs TO polycool_trading;
GRANT UPDATE ON copy_orders TO polycool_trading;
GRANT INSERT, UPDATE, DELETE ON carried TO polycool_trading;
GRANT UPDATE (state, ended_at, changed_at, version) ON copy_trading_allocations TO polycool_trading;
GRANT INSERT ON allocation_history TO polycool_trading;

-- api: only what users own
GRANT INSERT, UPDATE (label) ON users TO polycool_api;
GRANT INSERT ON accounts, account_credits, allocation_history, outbox, switch_history TO polycool_api;
GRANT UPDATE (locked) ON accounts TO polycool_api;
GRANT INSERT, UPDATE ON watched_addresses, wallet_roles, copy_trading_allocations, switches TO polycool_api;
GRANT INSERT, UPDATE, DELETE ON webhook_receipts, idempotency_keys TO polycool_api;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO polycool_streams, polycool_trading, polycool_api;
