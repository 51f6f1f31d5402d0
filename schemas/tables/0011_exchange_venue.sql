-- Live accounts: what kind of wallet holds their money, arming with a cap, and winnings that are claimed first and are cash
-- only once their redemption was seen (SAFETY R9, R24, R25, R26).

-- The exchange's signature type: 0 the key's own address, 1 a proxy, 2 a Safe, 3 a deposit wallet of the key's.
ALTER TABLE accounts ADD COLUMN signature_type smallint NOT NULL DEFAULT 0 CHECK (signature_type BETWEEN 0 AND 3);
-- Nobody is armed without a cap.
ALTER TABLE accounts ADD CONSTRAINT accounts_armed_with_a_cap CHECK (armed_at IS NULL OR day_cap_usdc IS NOT NULL);
GRANT UPDATE (signature_type) ON accounts TO polycool_trading;
GRANT UPDATE (armed_at, day_cap_usdc) ON accounts TO polycool_api;

-- What an account's live BUYs of the day come to, copied or by hand: looked at before each POST.
CREATE INDEX orders_live_buys ON orders (account_id, signed_at) WHERE venue = 'polymarket' AND side = 'BUY';

-- An order is of its account's own exchange, and of its following's: no live order of a paper following, however it came.
CREATE FUNCTION orders_are_their_accounts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE stranger text;
BEGIN
    SELECT i.order_hash INTO stranger
      FROM inserted i
      JOIN accounts a ON a.account_id = i.account_id
      LEFT JOIN copy_orders c ON c.copy_order_id = i.copy_order_id
      LEFT JOIN copy_trading_allocations f ON f.allocation_id = c.allocation_id
     WHERE i.venue = 'polymarket' AND (a.venue <> i.venue OR f.venue <> i.venue)
     LIMIT 1;
    IF stranger IS NOT NULL THEN
        RAISE EXCEPTION 'order % is live, its account or following is not', stranger USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_of_accounts AFTER INSERT ON orders
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION orders_are_their_accounts();

-- A redemption of one account in one market: stored, with the bytes of its only submission, before it is sent.
CREATE TABLE redemptions (
    redemption_id     text PRIMARY KEY,      -- derived from account, market and attempt
    account_id        text NOT NULL REFERENCES accounts,
    market_id         text NOT NULL,
    attempt           integer NOT NULL CHECK (attempt > 0),
    shares            jsonb NOT NULL,        -- token → shares at the exchange when it was signed
    usdc              numeric(20,6) NOT NULL CHECK (usdc > 0),
    nonce             numeric(78,0) NOT NULL,  -- of the wallet: the chain runs one transaction for it
    expires_at        timestamptz,           -- after this the chain refuses the bytes; none: they are good for ever
    body              bytea NOT NULL,        -- only these bytes are ever sent
    state             text NOT NULL CHECK (state IN ('signed', 'submitting', 'unknown', 'accepted', 'redeemed', 'failed')),
    cause             text NOT NULL,
    words             text,                  -- the relayer's own
    transaction_id    text,                  -- the relayer's
    transaction_hash  text,
    posts             integer NOT NULL DEFAULT 0,
    looks             integer NOT NULL DEFAULT 0,
    worker_epoch      bigint NOT NULL,
    signed_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_posted_at    timestamptz,
    ended_at          timestamptz,
    UNIQUE (account_id, market_id, attempt),
    CHECK ((ended_at IS NULL) = (state IN ('signed', 'submitting', 'unknown', 'accepted')))
);
-- A wallet has one nonce: one redemption at a time; and a market is redeemed once.
CREATE UNIQUE INDEX redemptions_one_open ON redemptions (account_id) WHERE ended_at IS NULL;

CREATE FUNCTION redemptions_keep_their_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'redemptions are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'redemption % has ended %', OLD.redemption_id, OLD.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.body <> OLD.body OR NEW.usdc <> OLD.usdc OR NEW.nonce <> OLD.nonce THEN
        RAISE EXCEPTION 'the signed bytes of redemption % do not change', OLD.redemption_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER redemptions_end BEFORE UPDATE OR DELETE ON redemptions
    FOR EACH ROW EXECUTE FUNCTION redemptions_keep_their_end();

-- What a lot of a resolved market is worth: the lot is closed, the money is still at the exchange as shares.
CREATE TABLE claims (
    lot_id         bigint PRIMARY KEY REFERENCES lots,
    account_id     text NOT NULL REFERENCES accounts,
    market_id      text NOT NULL,
    token_id       text NOT NULL,
    shares         numeric(20,6) NOT NULL CHECK (shares > 0),
    usdc           numeric(20,6) NOT NULL CHECK (usdc >= 0),
    redemption_id  text REFERENCES redemptions,      -- the one that paid it
    claimed_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX claims_open ON claims (account_id, market_id) WHERE redemption_id IS NULL;

GRANT SELECT ON redemptions, claims TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT, UPDATE ON redemptions, claims TO polycool_trading;

-- The API shows people their own.
ALTER TABLE redemptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE claims ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON redemptions TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON claims TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY operator ON redemptions TO polycool_api USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY operator ON claims TO polycool_api USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON redemptions TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = redemptions.account_id));
CREATE POLICY own ON claims TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = claims.account_id));
