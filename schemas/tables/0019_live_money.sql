-- Live money behind the faces (UX S14; SAFETY R25, R26): what is looked at before arming, a higher cap that counts later,
-- addresses that money may go to, and withdrawals.

-- A higher cap counts an hour after it was asked for; trading puts it into day_cap_usdc.
ALTER TABLE accounts ADD COLUMN next_day_cap_usdc numeric(20,6) CHECK (next_day_cap_usdc > 0);
ALTER TABLE accounts ADD COLUMN next_day_cap_from timestamptz;
ALTER TABLE accounts ADD CONSTRAINT accounts_next_cap_has_its_time
    CHECK ((next_day_cap_usdc IS NULL) = (next_day_cap_from IS NULL));
GRANT UPDATE (next_day_cap_usdc, next_day_cap_from) ON accounts TO polycool_api;
GRANT UPDATE (day_cap_usdc, next_day_cap_usdc, next_day_cap_from) ON accounts TO polycool_trading;

-- What must hold before live money trades, looked at on demand: api asks (inserts), trading answers. Null: could not be
-- looked at. Kept for a day.
CREATE TABLE live_looks (
    look_id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id           text NOT NULL REFERENCES accounts,
    asked_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    answered_at          timestamptz,
    region               text,               -- as the exchange names where our orders come from
    region_allowed       boolean,
    wallet_ready         boolean,            -- what holds the money stands, and its login is made
    permitted            boolean,            -- the exchange may take what its orders need
    cash_usdc            numeric(20,6),      -- at the exchange
    withdrawal_possible  boolean,            -- somebody relays what our signer signs
    clock_ahead_seconds  numeric(12,3),      -- the exchange's clock before ours
    CHECK (answered_at IS NOT NULL OR (region_allowed IS NULL AND wallet_ready IS NULL AND permitted IS NULL
                                       AND cash_usdc IS NULL AND withdrawal_possible IS NULL))
);
CREATE INDEX live_looks_to_answer ON live_looks (asked_at) WHERE answered_at IS NULL;
CREATE INDEX live_looks_of_account ON live_looks (account_id, look_id);

-- Where a person's money may go. An address works a day after it was added; a row never comes back to life.
CREATE TABLE withdrawal_addresses (
    address_id       text PRIMARY KEY,       -- W-…
    user_id          text NOT NULL REFERENCES users,
    address          text NOT NULL CHECK (address ~ '^0x[0-9a-f]{40}$'),
    label            text CHECK (length(label) BETWEEN 1 AND 40),
    added_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at       timestamptz,
    removed_because  text CHECK (removed_because IN ('removed', 'not me')),
    CHECK ((removed_at IS NULL) = (removed_because IS NULL))
);
CREATE UNIQUE INDEX withdrawal_addresses_held ON withdrawal_addresses (user_id, address) WHERE removed_at IS NULL;
CREATE INDEX withdrawal_addresses_of_user ON withdrawal_addresses (user_id, added_at);

-- A withdrawal: asked for by its owner under the account's lock; signed once, by trading, from this row; stored before it
-- is sent; ended by proof. What is not ended is reserved.
CREATE TABLE withdrawals (
    withdrawal_id     text PRIMARY KEY,      -- D-…, derived from account and key
    user_id           text NOT NULL REFERENCES users,
    account_id        text NOT NULL REFERENCES accounts,
    address_id        text NOT NULL REFERENCES withdrawal_addresses,
    address           text NOT NULL,
    usdc              numeric(20,6) NOT NULL CHECK (usdc > 0),
    state             text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'sending', 'unknown', 'done', 'refused')),
    cause             text NOT NULL DEFAULT 'asked for',
    asked_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- trading's
    nonce             numeric(78,0),         -- of the wallet: the chain runs one transaction for it
    expires_at        timestamptz,           -- after this the chain refuses the bytes; none: they are good for ever
    body              bytea,                 -- only these bytes are ever sent
    words             text,                  -- the relayer's own
    transaction_id    text,                  -- the relayer's
    transaction_hash  text,
    posts             integer NOT NULL DEFAULT 0,
    looks             integer NOT NULL DEFAULT 0,
    worker_epoch      bigint,
    signed_at         timestamptz,
    last_posted_at    timestamptz,
    ended_at          timestamptz,
    CHECK ((ended_at IS NULL) = (state IN ('asked', 'sending', 'unknown'))),
    CHECK ((body IS NULL) = (nonce IS NULL) AND (body IS NULL) = (signed_at IS NULL)),
    CHECK (state IN ('asked', 'refused') OR body IS NOT NULL)
);
-- One at a time: a wallet has one nonce.
CREATE UNIQUE INDEX withdrawals_one_open ON withdrawals (account_id) WHERE ended_at IS NULL;
CREATE INDEX withdrawals_by_user ON withdrawals (user_id, asked_at DESC, withdrawal_id DESC);
CREATE INDEX withdrawals_of_account ON withdrawals (account_id, ended_at);

CREATE TABLE withdrawal_transitions (
    withdrawal_id  text NOT NULL,
    from_state     text,
    to_state       text NOT NULL,
    cause          text NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    transition_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
CREATE INDEX withdrawal_transitions_of ON withdrawal_transitions (withdrawal_id, transition_id);

CREATE FUNCTION withdrawal_addresses_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'withdrawal addresses are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        -- Whoever was robbed of a chat has a day to say no: nobody's statement makes an address older than it is.
        NEW.added_at := clock_timestamp();
        RETURN NEW;
    END IF;
    IF NEW.address <> OLD.address OR NEW.user_id <> OLD.user_id OR NEW.added_at < OLD.added_at
       OR (OLD.removed_at IS NOT NULL AND NEW.removed_at IS NULL) THEN
        RAISE EXCEPTION 'withdrawal address % does not change', OLD.address_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_addresses_guard BEFORE INSERT OR UPDATE OR DELETE ON withdrawal_addresses
    FOR EACH ROW EXECUTE FUNCTION withdrawal_addresses_stay();

-- R25 as the database keeps it: whose address it is, how old it is, and that signed bytes and ends stay.
CREATE FUNCTION withdrawals_keep_their_rule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'withdrawals are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' OR NOT EXISTS (
            SELECT 1 FROM withdrawal_addresses w JOIN accounts a ON a.user_id = w.user_id
             WHERE w.address_id = NEW.address_id AND w.address = NEW.address AND w.user_id = NEW.user_id
               AND w.removed_at IS NULL AND w.added_at <= clock_timestamp() - interval '24 hours'
               AND a.account_id = NEW.account_id AND a.venue = 'polymarket' AND a.state = 'ready') THEN
            RAISE EXCEPTION 'withdrawal % is not to an own address of a day', NEW.withdrawal_id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSE
        IF OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'withdrawal % has ended %', OLD.withdrawal_id, OLD.state USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.usdc <> OLD.usdc OR NEW.address <> OLD.address OR NEW.account_id <> OLD.account_id
           OR (OLD.body IS NOT NULL AND (NEW.body IS DISTINCT FROM OLD.body OR NEW.nonce IS DISTINCT FROM OLD.nonce)) THEN
            RAISE EXCEPTION 'withdrawal % does not change', OLD.withdrawal_id USING ERRCODE = 'check_violation';
        END IF;
        IF OLD.state = NEW.state THEN
            RETURN NEW;
        END IF;
    END IF;
    INSERT INTO withdrawal_transitions (withdrawal_id, from_state, to_state, cause)
    VALUES (NEW.withdrawal_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.state END, NEW.state, NEW.cause);
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawals_guard BEFORE INSERT OR UPDATE OR DELETE ON withdrawals
    FOR EACH ROW EXECUTE FUNCTION withdrawals_keep_their_rule();

ALTER TABLE cash_entries DROP CONSTRAINT cash_entries_cause_check;
ALTER TABLE cash_entries ADD CONSTRAINT cash_entries_cause_check
    CHECK (cause IN ('credit', 'buy', 'sell', 'payout', 'reversal', 'external', 'withdrawal'));

-- Rights, and whose rows these are.
GRANT SELECT ON live_looks, withdrawal_addresses, withdrawals, withdrawal_transitions
    TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT (account_id) ON live_looks TO polycool_api;
GRANT UPDATE, DELETE ON live_looks TO polycool_trading;
GRANT INSERT (address_id, user_id, address, label) ON withdrawal_addresses TO polycool_api;
GRANT UPDATE (removed_at, removed_because) ON withdrawal_addresses TO polycool_api;
GRANT INSERT (withdrawal_id, user_id, account_id, address_id, address, usdc) ON withdrawals TO polycool_api;
GRANT UPDATE (state, cause, nonce, expires_at, body, words, transaction_id, transaction_hash, posts, looks, worker_epoch,
              signed_at, last_posted_at, ended_at) ON withdrawals TO polycool_trading;

DO $$
DECLARE guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['live_looks', 'withdrawal_addresses', 'withdrawals', 'withdrawal_transitions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('CREATE POLICY all_rows ON %I TO polycool_streams, polycool_trading USING (true) WITH CHECK (true)',
                       guarded);
        EXECUTE format('CREATE POLICY operator ON %I TO polycool_api '
                       'USING ((SELECT current_setting(''polycool.operator'', true)) = ''on'')', guarded);
    END LOOP;
END $$;
CREATE POLICY own ON live_looks TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = live_looks.account_id));
CREATE POLICY own ON withdrawal_addresses TO polycool_api
    USING (user_id = (SELECT current_setting('polycool.user_id', true)));
CREATE POLICY own ON withdrawals TO polycool_api USING (user_id = (SELECT current_setting('polycool.user_id', true)));
CREATE POLICY own ON withdrawal_transitions TO polycool_api
    USING (EXISTS (SELECT FROM withdrawals w WHERE w.withdrawal_id = withdrawal_transitions.withdrawal_id));

-- A person sees why live buys of their account stand still.
GRANT SELECT ON account_stops TO polycool_api;
ALTER TABLE account_stops ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON account_stops TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY operator ON account_stops TO polycool_api USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON account_stops TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = account_stops.account_id));
CREATE INDEX accounts_next_cap ON accounts (next_day_cap_from) WHERE next_day_cap_from IS NOT NULL;

-- The paper exchange's relayer sends collateral on.
ALTER TABLE paper.entries DROP CONSTRAINT entries_cause_check;
ALTER TABLE paper.entries ADD CONSTRAINT entries_cause_check
    CHECK (cause IN ('credit', 'trade', 'fee', 'payout', 'reversal', 'redemption', 'transfer'));
