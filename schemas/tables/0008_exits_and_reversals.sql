-- What the exchange does late, and its mending: settlements that fail, fills after the end, exit orders, differences
-- between our books and the exchange's (SAFETY R5, R6, R14, R38).

-- Exit orders: a sale without a copy order; it names its cause and has limits and attempts of `copy_order_id`, a SELL.
CREATE TABLE exit_orders (
    exit_order_id    text PRIMARY KEY,       -- X-…, derived from cause and reference
    cause_kind       text NOT NULL CHECK (cause_kind IN ('reversed_sale', 'late_fill')),
    cause_ref        text NOT NULL,          -- the fill that was taken back, or the order that was filled late
    copy_order_id    text NOT NULL REFERENCES copy_orders,
    allocation_id    text NOT NULL,
    account_id       text NOT NULL REFERENCES accounts,
    user_id          text NOT NULL,
    venue            text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    token_id         text NOT NULL,
    shares           numeric(20,6) NOT NULL CHECK (shares >= 0.01),
    limit_price      numeric(22,20) NOT NULL,            -- of the first attempt
    state            text NOT NULL CHECK (state IN ('planned', 'submitting', 'filled', 'partial', 'unfilled', 'rejected',
                                                    'skipped')),
    reason           text,
    reject_reason    text,
    cause            text NOT NULL,          -- of the last transition, for people
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz,
    filled_shares    numeric(20,6) NOT NULL DEFAULT 0,
    filled_usdc      numeric(20,6) NOT NULL DEFAULT 0,
    fee_usdc         numeric(20,6) NOT NULL DEFAULT 0,
    realised_usdc    numeric(20,6) NOT NULL DEFAULT 0,
    decided_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at         timestamptz,
    UNIQUE (cause_kind, cause_ref),
    CHECK ((ended_at IS NULL) = (state IN ('planned', 'submitting')))
);
CREATE INDEX exit_orders_open ON exit_orders (allocation_id, token_id) WHERE state IN ('planned', 'submitting');

CREATE TABLE exit_order_transitions (
    exit_order_id  text NOT NULL,
    from_state     text,
    to_state       text NOT NULL,
    cause          text NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    transition_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

CREATE FUNCTION exit_orders_keep_their_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'exit orders are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'exit order % has ended %: it does not become %', OLD.exit_order_id, OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        IF OLD.state = NEW.state THEN
            RETURN NEW;
        END IF;
    END IF;
    INSERT INTO exit_order_transitions (exit_order_id, from_state, to_state, cause)
    VALUES (NEW.exit_order_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.state END, NEW.state, NEW.cause);
    RETURN NEW;
END $$;
CREATE TRIGGER exit_orders_end BEFORE INSERT OR UPDATE OR DELETE ON exit_orders
    FOR EACH ROW EXECUTE FUNCTION exit_orders_keep_their_end();

ALTER TABLE orders ADD COLUMN exit_order_id text REFERENCES exit_orders;
CREATE UNIQUE INDEX orders_of_exit ON orders (exit_order_id, attempt) WHERE exit_order_id IS NOT NULL;
CREATE UNIQUE INDEX orders_one_open_of_exit ON orders (exit_order_id)
    WHERE exit_order_id IS NOT NULL AND state IN ('signed', 'submitting', 'accepted', 'unknown');

-- The SELLs of a following in a token, by the leader's number: what a late fill of a BUY before them owes (R6).
CREATE INDEX copy_orders_sells ON copy_orders (allocation_id, token_id, number) WHERE side = 'SELL';

-- Orders whose absence was proven not long ago: a fill may yet come (R5).
CREATE INDEX orders_not_found ON orders (proven_at)
    WHERE state IN ('killed', 'rejected') AND (looks > 0 OR posts > 1);

-- Settlements that failed after they were booked: what went back. The copy order keeps its sums and says `reversed`.
CREATE TABLE reversals (
    fill_id           text PRIMARY KEY REFERENCES fills,
    order_hash        text NOT NULL REFERENCES orders,
    copy_order_id     text,
    exit_order_id     text,
    account_id        text NOT NULL,
    allocation_id     text,
    side              text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    token_id          text NOT NULL,
    lot_id            bigint REFERENCES lots,
    shares            numeric(20,6) NOT NULL,            -- as the lot changed: a sale's return is positive
    cost_usdc         numeric(20,6) NOT NULL,
    cash_usdc         numeric(20,6) NOT NULL,            -- as the account changed
    fee_usdc          numeric(20,6) NOT NULL,
    realised_usdc     numeric(20,6) NOT NULL,
    shortfall_shares  numeric(20,6) NOT NULL DEFAULT 0 CHECK (shortfall_shares >= 0),
    found_at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX reversals_of_copy_order ON reversals (copy_order_id);

-- Shares of a purchase that was taken back after they had been sold: the account has them less than its lots say.
CREATE TABLE shortfalls (
    fill_id     text PRIMARY KEY REFERENCES reversals,
    account_id  text NOT NULL REFERENCES accounts,
    token_id    text NOT NULL,
    shares      numeric(20,6) NOT NULL CHECK (shares > 0),
    found_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at  timestamptz                              -- an audit found books and exchange agreeing again
);

-- Why live BUYs of an account stop; `over_at` null: they do.
CREATE TABLE account_stops (
    account_id  text NOT NULL REFERENCES accounts,
    cause       text NOT NULL CHECK (cause IN ('late_fill', 'shortfall', 'external', 'audit')),
    ref         text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    over_at     timestamptz,
    over_by     text,
    PRIMARY KEY (account_id, cause, ref)
);
CREATE INDEX account_stops_held ON account_stops (account_id) WHERE over_at IS NULL;

-- What came from outside (positive: no lot, not spendable until accepted) and what left (negative: booked at once).
CREATE TABLE external_moves (
    move_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   text NOT NULL REFERENCES accounts,
    asset        text NOT NULL,                          -- USDC or a token id
    amount       numeric(20,6) NOT NULL CHECK (amount <> 0),
    found_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    accepted_at  timestamptz
);
CREATE INDEX external_moves_of_account ON external_moves (account_id, asset);

-- Audits of positions that somebody asked for; `account_id` null: all accounts. trading answers.
CREATE TABLE audit_requests (
    request_id  text PRIMARY KEY,
    account_id  text REFERENCES accounts,
    asked_by    text NOT NULL,
    accept      boolean NOT NULL DEFAULT false,          -- take what came from outside into the books
    allow_buys  boolean NOT NULL DEFAULT false,          -- lift the account's stops once its audit agrees
    asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_at    timestamptz,
    done_at     timestamptz,
    orders      json,                                    -- the reconciliation pass: a verdict for each order, with why
    CHECK (account_id IS NOT NULL OR NOT (accept OR allow_buys))
);
CREATE INDEX audit_requests_open ON audit_requests (asked_at) WHERE done_at IS NULL;

-- What each audit of an account found: our books against the exchange's, to the micro-unit.
CREATE TABLE account_audits (
    audit_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    text NOT NULL REFERENCES accounts,
    request_id    text REFERENCES audit_requests,        -- none: the nightly one
    outcome       text NOT NULL CHECK (outcome IN ('agrees', 'external', 'differs', 'busy', 'unread')),
    why           text NOT NULL,
    our_cash      numeric(20,6),
    their_cash    numeric(20,6),
    differences   json NOT NULL,                         -- [asset, ours, theirs, what it was taken for]
    audited_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX account_audits_of_account ON account_audits (account_id, audit_id);

ALTER TABLE lot_entries DROP CONSTRAINT lot_entries_cause_check;
ALTER TABLE lot_entries ADD CONSTRAINT lot_entries_cause_check
    CHECK (cause IN ('buy', 'sell', 'dust', 'payout', 'reversal', 'external'));
ALTER TABLE lots DROP CONSTRAINT lots_closed_by_check;
ALTER TABLE lots ADD CONSTRAINT lots_closed_by_check
    CHECK (closed_by IN ('sold', 'dust', 'resolved', 'reversed', 'external'));

GRANT SELECT ON exit_orders, exit_order_transitions, reversals, shortfalls, account_stops, external_moves, audit_requests,
    account_audits TO polycool_streams, polycool_trading;
GRANT INSERT, UPDATE ON exit_orders, shortfalls, account_stops, external_moves TO polycool_trading;
GRANT INSERT ON reversals, account_audits TO polycool_trading;
GRANT UPDATE ON audit_requests TO polycool_trading;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO polycool_trading;
