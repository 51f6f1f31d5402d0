-- What recorded trades came to when they were decided again: in a schema of its own, by a role that can read what was
-- decided and write here, and nowhere else. It reaches no key, no order and no money (docs/decisions/0019).
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'polycool_shadow') THEN
        BEGIN
            CREATE ROLE polycool_shadow NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this cluster was quicker
        END;
    END IF;
END $$;

CREATE SCHEMA shadow;

CREATE TABLE shadow.runs (
    run         text PRIMARY KEY CHECK (run ~ '^[a-z0-9-]{1,40}$'),
    kind        text NOT NULL CHECK (kind IN ('replay', 'follow')),
    plan        text NOT NULL,
    manifest    jsonb NOT NULL,              -- code, settings, offsets and hashes of the window, seed
    checkpoint  jsonb NOT NULL DEFAULT '{}', -- partition → the next offset
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'aborted', 'done')),
    wanted      text NOT NULL DEFAULT 'go' CHECK (wanted IN ('go', 'pause', 'abort')),
    total       bigint NOT NULL,             -- messages of the window
    done        bigint NOT NULL DEFAULT 0,
    not_made    bigint NOT NULL DEFAULT 0,   -- copy orders of the window that never were a decision with inputs
    begun_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at    timestamptz
);

-- What classify says of a message now: the bytes for the topic of each role, or why it is a dead letter.
CREATE TABLE shadow.messages (
    run       text NOT NULL REFERENCES shadow.runs ON DELETE CASCADE,
    part      integer NOT NULL,
    place     bigint NOT NULL,               -- offset on `trades`
    said_as   text NOT NULL CHECK (said_as IN ('copy_leader', 'smart_trader', 'dead_letter')),
    wallet    text NOT NULL,
    trade_id  text NOT NULL,
    message   text NOT NULL,
    was       text NOT NULL CHECK (was IN ('same', 'other', 'nothing')),   -- what was said then
    PRIMARY KEY (run, part, place, said_as)
);

CREATE TABLE shadow.decisions (
    run            text NOT NULL REFERENCES shadow.runs ON DELETE CASCADE,
    part           integer NOT NULL,
    place          bigint NOT NULL,
    copy_order_id  text NOT NULL,            -- the name it has in copy_orders
    allocation_id  text NOT NULL,
    leader         text NOT NULL,
    then_reason    text NOT NULL,            -- PLANNED, WAITING or the reason; NONE: no copy order
    now_reason     text NOT NULL,
    then_decided   jsonb NOT NULL,
    now_decided    jsonb NOT NULL,
    checks         jsonb NOT NULL,           -- every check of now, with value and limit
    differ         text[] NOT NULL,          -- the names of what differs
    decided_at     timestamptz NOT NULL,     -- then
    PRIMARY KEY (run, part, place, copy_order_id)
);
CREATE INDEX decisions_differing ON shadow.decisions (run, then_reason, now_reason) WHERE differ <> '{}';

GRANT USAGE ON SCHEMA public, shadow TO polycool_shadow;
GRANT SELECT ON trades, wallet_roles, role_reads, dead_letters, leader_decisions, copy_orders, copy_trading_allocations,
                allocation_history, markets, applied_migrations, database_binding TO polycool_shadow;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shadow TO polycool_shadow;
CREATE POLICY shadow_reads ON copy_orders FOR SELECT TO polycool_shadow USING (true);
CREATE POLICY shadow_reads ON copy_trading_allocations FOR SELECT TO polycool_shadow USING (true);
CREATE POLICY shadow_reads ON allocation_history FOR SELECT TO polycool_shadow USING (true);

-- The console's list of runs.
GRANT USAGE ON SCHEMA shadow TO polycool_api;
GRANT SELECT ON ALL TABLES IN SCHEMA shadow TO polycool_api;
