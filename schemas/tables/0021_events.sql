-- Events for people who look on (UX §5, /v1/me/events and /v1/ops/events) are read from what is written anyway: each
-- append-only table of changes keeps the transaction that wrote the row. Numbers are given before a commit, so a row
-- may appear behind a higher number; but a transaction older than every one that still runs has shown all it will ever
-- show. Read in the order (transaction, table, number) up to there, nothing is missed and nothing comes twice.

-- Rows from before keep null: they were told long ago.
ALTER TABLE copy_order_transitions ADD COLUMN xid xid8;
ALTER TABLE copy_order_transitions ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX copy_order_transitions_by_xid ON copy_order_transitions (xid, transition_id) WHERE xid IS NOT NULL;

ALTER TABLE lot_entries ADD COLUMN xid xid8;
ALTER TABLE lot_entries ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX lot_entries_by_xid ON lot_entries (xid, entry_id) WHERE xid IS NOT NULL;

ALTER TABLE allocation_history ADD COLUMN xid xid8;
ALTER TABLE allocation_history ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
ALTER TABLE allocation_history ADD COLUMN change_id bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX allocation_history_by_xid ON allocation_history (xid, change_id) WHERE xid IS NOT NULL;

ALTER TABLE notifications ADD COLUMN xid xid8;
ALTER TABLE notifications ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX notifications_by_xid ON notifications (xid, notification_id) WHERE xid IS NOT NULL;

ALTER TABLE switch_history ADD COLUMN xid xid8;
ALTER TABLE switch_history ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX switch_history_by_xid ON switch_history (xid, change_id) WHERE xid IS NOT NULL;

-- What is on the topic `dead_letters`, read by streams so that operators can look at it: a row per letter, named by its
-- place on that topic. `body` is its beginning; the topic keeps the whole.
CREATE TABLE dead_letters (
    letter_partition  integer NOT NULL,
    letter_offset     bigint NOT NULL,
    topic             text NOT NULL,
    partition         integer NOT NULL,
    "offset"          bigint NOT NULL,
    key               text,
    reason            text NOT NULL,
    detail            text NOT NULL,
    stage             text NOT NULL,
    size              bigint NOT NULL,
    sha256            text NOT NULL,
    body              bytea NOT NULL CHECK (length(body) <= 4096),
    first_seen_at     timestamptz NOT NULL,
    last_seen_at      timestamptz NOT NULL,
    appended_at       timestamptz NOT NULL,
    xid               xid8 NOT NULL DEFAULT pg_current_xact_id(),
    letter_id         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    PRIMARY KEY (letter_partition, letter_offset)
);
CREATE INDEX dead_letters_by_time ON dead_letters (appended_at DESC, letter_id DESC);
CREATE INDEX dead_letters_by_xid ON dead_letters (xid, letter_id);

GRANT SELECT ON dead_letters TO polycool_streams, polycool_api;
GRANT INSERT ON dead_letters TO polycool_streams;

-- Asking for a look at the exchange's books is now also a route; the trading process answers (POST /v1/ops/reconcile).
GRANT SELECT, INSERT (request_id, account_id, asked_by, accept, allow_buys) ON audit_requests TO polycool_api;
GRANT SELECT ON account_audits TO polycool_api;
DO $$
DECLARE guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['audit_requests', 'account_audits'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('CREATE POLICY all_rows ON %I TO polycool_streams, polycool_trading USING (true) WITH CHECK (true)',
                       guarded);
        EXECUTE format('CREATE POLICY operator ON %I TO polycool_api '
                       'USING ((SELECT current_setting(''polycool.operator'', true)) = ''on'')', guarded);
    END LOOP;
END $$;
CREATE INDEX account_audits_by_time ON account_audits (audited_at DESC, audit_id DESC);
CREATE INDEX watched_addresses_by_age ON watched_addresses (added_at DESC, wallet DESC);
CREATE INDEX accounts_by_age ON accounts (opened_at DESC, account_id DESC);
CREATE INDEX orders_unknown ON orders (signed_at DESC, order_hash DESC) WHERE state = 'unknown';
