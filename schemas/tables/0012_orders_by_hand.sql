-- Orders by hand (UX N4): quotes, and orders without a copy order. api asks (inserts), trading answers and does the rest.

CREATE TABLE quotes (
    quote_id        text PRIMARY KEY,        -- Q-…
    user_id         text NOT NULL REFERENCES users,
    account_id      text NOT NULL REFERENCES accounts,
    venue           text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    side            text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    token_id        text NOT NULL,
    lot_id          bigint REFERENCES lots,  -- SELL: of which position
    allocation_id   text,                    -- SELL: whose, none: by hand
    amount_usdc     numeric(20,6) CHECK (amount_usdc > 0 AND amount_usdc <= 1000),
    shares          numeric(20,6) CHECK (shares >= 0.01),
    asked_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- trading's answer: a refusal, or a price that holds until expires_at
    answered_at     timestamptz,
    refusal         text,
    best_price      numeric(22,20),          -- best offer of a BUY, best bid of a SELL
    limit_price     numeric(22,20),
    depth_usdc      numeric(20,6),           -- offered up to the limit, or bid down to it
    fee_usdc        numeric(20,6),           -- at most
    least_shares    numeric(20,6),           -- of a BUY that is filled whole
    least_usdc      numeric(20,6),           -- of a SELL that is filled whole, before the fee
    expires_at      timestamptz,
    CHECK ((side = 'BUY') = (amount_usdc IS NOT NULL)),
    CHECK ((side = 'SELL') = (shares IS NOT NULL AND lot_id IS NOT NULL)),
    CHECK ((answered_at IS NULL) = (refusal IS NULL AND limit_price IS NULL)),
    CHECK ((limit_price IS NULL) = (expires_at IS NULL))
);
CREATE INDEX quotes_to_answer ON quotes (asked_at) WHERE answered_at IS NULL;
CREATE INDEX quotes_by_user ON quotes (user_id, asked_at);

CREATE TABLE manual_orders (
    manual_order_id  text PRIMARY KEY,       -- O-…, derived from its quote
    quote_id         text NOT NULL UNIQUE REFERENCES quotes,     -- one use
    user_id          text NOT NULL REFERENCES users,
    account_id       text NOT NULL REFERENCES accounts,
    venue            text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    side             text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    token_id         text NOT NULL,
    lot_id           bigint,
    allocation_id    text,
    amount_usdc      numeric(20,6),
    shares           numeric(20,6),
    limit_price      numeric(22,20) NOT NULL,
    reserve_usdc     numeric(20,6),          -- BUY; counts while the state is open
    -- waiting: asked for, not decided yet; the rest as of copy orders
    state            text NOT NULL DEFAULT 'waiting'
                     CHECK (state IN ('waiting', 'planned', 'submitting', 'unknown', 'filled', 'partial', 'unfilled',
                                      'rejected', 'skipped', 'expired')),
    reason           text,
    reject_reason    text,
    cause            text NOT NULL DEFAULT 'asked for',
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz,
    filled_shares    numeric(20,6) NOT NULL DEFAULT 0,
    filled_usdc      numeric(20,6) NOT NULL DEFAULT 0,
    fee_usdc         numeric(20,6) NOT NULL DEFAULT 0,
    realised_usdc    numeric(20,6) NOT NULL DEFAULT 0,
    late_fill        boolean NOT NULL DEFAULT false,
    asked_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    deadline         timestamptz NOT NULL,   -- of its quote: no POST of a BUY after it
    decided_at       timestamptz,
    ended_at         timestamptz,
    CHECK (state NOT IN ('skipped', 'expired') OR reason IS NOT NULL),
    CHECK (state <> 'rejected' OR reject_reason IS NOT NULL),
    CHECK (side = 'SELL' OR state IN ('waiting', 'skipped', 'expired') OR reserve_usdc IS NOT NULL),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'planned', 'submitting', 'unknown')))
);
CREATE INDEX manual_orders_open ON manual_orders (account_id)
    WHERE state IN ('waiting', 'planned', 'submitting', 'unknown');
CREATE INDEX manual_orders_open_of_lot ON manual_orders (allocation_id, token_id)
    WHERE side = 'SELL' AND state IN ('planned', 'submitting', 'unknown');
CREATE INDEX manual_orders_day ON manual_orders (account_id, decided_at) WHERE side = 'BUY';
CREATE INDEX manual_orders_by_user ON manual_orders (user_id, asked_at DESC, manual_order_id DESC);

CREATE TABLE manual_order_transitions (
    manual_order_id  text NOT NULL,
    from_state       text,
    to_state         text NOT NULL,
    cause            text NOT NULL,
    at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    transition_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
CREATE INDEX manual_order_transitions_of ON manual_order_transitions (manual_order_id, transition_id);

CREATE FUNCTION manual_orders_keep_their_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'orders by hand are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'order by hand % has ended %: it does not become %', OLD.manual_order_id, OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        IF OLD.state = NEW.state THEN
            RETURN NEW;
        END IF;
    END IF;
    INSERT INTO manual_order_transitions (manual_order_id, from_state, to_state, cause)
    VALUES (NEW.manual_order_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.state END, NEW.state, NEW.cause);
    RETURN NEW;
END $$;
CREATE TRIGGER manual_orders_end BEFORE INSERT OR UPDATE OR DELETE ON manual_orders
    FOR EACH ROW EXECUTE FUNCTION manual_orders_keep_their_end();

ALTER TABLE orders ADD COLUMN manual_order_id text REFERENCES manual_orders;
CREATE UNIQUE INDEX orders_of_manual ON orders (manual_order_id, attempt) WHERE manual_order_id IS NOT NULL;
CREATE UNIQUE INDEX orders_one_open_of_manual ON orders (manual_order_id)
    WHERE manual_order_id IS NOT NULL AND state IN ('signed', 'submitting', 'accepted', 'unknown');
CREATE UNIQUE INDEX orders_one_manual_buy ON orders (manual_order_id) WHERE manual_order_id IS NOT NULL AND side = 'BUY';
-- What was bought by hand of a token is one position.
CREATE UNIQUE INDEX lots_one_open_by_hand ON lots (account_id, token_id) WHERE closed_at IS NULL AND allocation_id IS NULL;

ALTER TABLE quotes ENABLE ROW LEVEL SECURITY;
ALTER TABLE manual_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE manual_order_transitions ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON quotes TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON manual_orders TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON manual_order_transitions TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY operator ON quotes TO polycool_api USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY operator ON manual_orders TO polycool_api
    USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY operator ON manual_order_transitions TO polycool_api
    USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON quotes TO polycool_api USING (user_id = (SELECT current_setting('polycool.user_id', true)));
CREATE POLICY own ON manual_orders TO polycool_api USING (user_id = (SELECT current_setting('polycool.user_id', true)));
CREATE POLICY own ON manual_order_transitions TO polycool_api
    USING (EXISTS (SELECT FROM manual_orders m WHERE m.manual_order_id = manual_order_transitions.manual_order_id));

GRANT SELECT ON quotes, manual_orders, manual_order_transitions TO polycool_streams, polycool_trading, polycool_api;
GRANT UPDATE ON quotes, manual_orders TO polycool_trading;
GRANT INSERT (quote_id, user_id, account_id, venue, side, token_id, lot_id, allocation_id, amount_usdc, shares)
    ON quotes TO polycool_api;
GRANT INSERT (manual_order_id, quote_id, user_id, account_id, venue, side, token_id, lot_id, allocation_id, amount_usdc,
              shares, limit_price, deadline) ON manual_orders TO polycool_api;
