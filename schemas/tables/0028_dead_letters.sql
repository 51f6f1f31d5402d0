-- What becomes of a dead letter: a state with its history, plans, redrives; and which messages of a wallet are missing
-- from its ledger until then (SAFETY R18).

-- Written by classify together with the refusal; ended by the letter's state, below.
CREATE TABLE missing_messages (
    topic      text NOT NULL,                -- full name
    partition  integer NOT NULL,
    "offset"   bigint NOT NULL,
    wallet     text NOT NULL,
    found_at   timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    PRIMARY KEY (topic, partition, "offset")
);
CREATE INDEX missing_messages_open ON missing_messages (wallet) WHERE ended_at IS NULL;

CREATE INDEX dead_letters_by_place ON dead_letters (topic, partition, "offset");

CREATE TABLE dead_letter_plans (
    plan_id      text PRIMARY KEY,           -- P-…, made of what it would send
    asked        jsonb NOT NULL,             -- which letters were asked for
    letters      bigint[] NOT NULL,          -- in the order they would be sent
    orders_most  integer NOT NULL CHECK (orders_most >= 0),
    made_by      text NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now()
);

-- api (or the command) asks; streams sends, watches what comes back, and halts at the first repeat.
CREATE TABLE dead_letter_redrives (
    redrive_id  text PRIMARY KEY,            -- R-…
    plan_id     text NOT NULL REFERENCES dead_letter_plans,
    pace        text NOT NULL CHECK (pace IN ('one', 'canary', 'ramp')),
    letters     bigint[] NOT NULL,
    asked_by    text NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    state       text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'running', 'done', 'halted')),
    cause       text,                        -- why it halted, for people
    begun_at    timestamptz,
    moved_at    timestamptz,                 -- when a letter of it was sent or answered last
    ended_at    timestamptz,
    CHECK ((ended_at IS NULL) = (state IN ('asked', 'running')))
);
CREATE INDEX dead_letter_redrives_open ON dead_letter_redrives (asked_at) WHERE ended_at IS NULL;
CREATE INDEX dead_letter_redrives_of_plan ON dead_letter_redrives (plan_id);

-- No row: nobody has done anything about it (`dead`). A letter that came back is over; its repeat is a letter of its own.
CREATE TABLE dead_letter_state (
    letter_id       bigint PRIMARY KEY REFERENCES dead_letters (letter_id),
    state           text NOT NULL CHECK (state IN ('redriving', 'redriven', 'repeated', 'quarantined')),
    who             text NOT NULL,
    note            text NOT NULL DEFAULT '',
    redrive_id      text REFERENCES dead_letter_redrives,
    sent_partition  integer,                 -- where the redriven message lies
    sent_offset     bigint,
    became          bigint REFERENCES dead_letters (letter_id),
    changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((state = 'repeated') = (became IS NOT NULL))
);
CREATE INDEX dead_letter_state_under_way ON dead_letter_state (letter_id) WHERE state = 'redriving';
CREATE INDEX dead_letter_state_became ON dead_letter_state (became) WHERE became IS NOT NULL;

CREATE TABLE dead_letter_history (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter_id   bigint NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    who         text NOT NULL,
    note        text NOT NULL,
    redrive_id  text,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX dead_letter_history_of ON dead_letter_history (letter_id, change_id);
CREATE INDEX dead_letter_history_of_redrive ON dead_letter_history (redrive_id) WHERE redrive_id IS NOT NULL;

CREATE FUNCTION dead_letters_keep_their_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE former text := CASE WHEN TG_OP = 'INSERT' THEN 'dead' ELSE OLD.state END;
BEGIN
    IF former = NEW.state THEN
        RETURN NEW;
    END IF;
    IF former = 'repeated' OR (former = 'redriving' AND NEW.state = 'quarantined') THEN
        RAISE EXCEPTION 'dead letter % is %: it does not become %', NEW.letter_id, former, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO dead_letter_history (letter_id, from_state, to_state, who, note, redrive_id)
    VALUES (NEW.letter_id, former, NEW.state, NEW.who, NEW.note, NEW.redrive_id);
    IF NEW.state <> 'redriving' THEN
        UPDATE missing_messages m SET ended_at = clock_timestamp()
          FROM dead_letters d
         WHERE d.letter_id = NEW.letter_id AND m.ended_at IS NULL
           AND m.topic = d.topic AND m.partition = d.partition AND m."offset" = d."offset";
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER history BEFORE INSERT OR UPDATE ON dead_letter_state
    FOR EACH ROW EXECUTE FUNCTION dead_letters_keep_their_history();

-- Letters from before: their wallets' positions were marked for good; from here on they have an end.
INSERT INTO missing_messages (topic, partition, "offset", wallet, found_at)
SELECT DISTINCT ON (d.topic, d.partition, d."offset") d.topic, d.partition, d."offset", lower(d.key), d.appended_at
  FROM dead_letters d
  JOIN watched_addresses w ON w.wallet = lower(d.key)
 WHERE d.stage = 'classify';

GRANT SELECT ON missing_messages, dead_letter_plans, dead_letter_redrives, dead_letter_state, dead_letter_history
    TO polycool_streams, polycool_api;
GRANT INSERT ON missing_messages TO polycool_streams;
GRANT INSERT, UPDATE ON dead_letter_state TO polycool_streams, polycool_api;
GRANT UPDATE (state, cause, begun_at, moved_at, ended_at) ON dead_letter_redrives TO polycool_streams;
GRANT INSERT ON dead_letter_plans TO polycool_api;
GRANT INSERT (redrive_id, plan_id, pace, letters, asked_by) ON dead_letter_redrives TO polycool_api;
DO $$
DECLARE guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['missing_messages', 'dead_letter_plans', 'dead_letter_redrives', 'dead_letter_state',
                                   'dead_letter_history'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('CREATE POLICY all_rows ON %I TO polycool_streams, polycool_trading USING (true) WITH CHECK (true)',
                       guarded);
        EXECUTE format('CREATE POLICY operator ON %I TO polycool_api '
                       'USING ((SELECT current_setting(''polycool.operator'', true)) = ''on'')', guarded);
    END LOOP;
END $$;
