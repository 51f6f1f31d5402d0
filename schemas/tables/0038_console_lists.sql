-- What the console lists. Runs of replays, as operators see and halt them: who asked for the end, and why; each change an event.
ALTER TABLE shadow.runs
    ADD COLUMN halted_by text,
    ADD COLUMN halted_why text,
    ADD CHECK ((halted_by IS NULL) = (halted_why IS NULL));

CREATE INDEX messages_differing ON shadow.messages (run, was, said_as) WHERE was <> 'same' AND said_as <> 'dead_letter';

CREATE TABLE shadow.run_changes (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run        text NOT NULL REFERENCES shadow.runs ON DELETE CASCADE,
    state      text NOT NULL,
    wanted     text NOT NULL,
    done       bigint NOT NULL,
    total      bigint NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX run_changes_by_xid ON shadow.run_changes (xid, change_id);
CREATE INDEX run_changes_of_run ON shadow.run_changes (run);

-- A replay also tells how far it is, chunk by chunk; one that follows for weeks tells only when it begins and ends.
CREATE FUNCTION shadow.runs_tell_their_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state <> OLD.state OR NEW.wanted <> OLD.wanted
       OR (NEW.kind = 'replay' AND NEW.done <> OLD.done) THEN
        INSERT INTO shadow.run_changes (run, state, wanted, done, total)
        VALUES (NEW.run, NEW.state, NEW.wanted, NEW.done, NEW.total);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tells AFTER INSERT OR UPDATE ON shadow.runs FOR EACH ROW EXECUTE FUNCTION shadow.runs_tell_their_changes();

GRANT SELECT ON shadow.run_changes TO polycool_shadow, polycool_api;
GRANT UPDATE (state, wanted, ended_at, halted_by, halted_why) ON shadow.runs TO polycool_api;

-- When proof of an order's end was sought last; which notices never reach anybody.
ALTER TABLE orders ADD COLUMN looked_at timestamptz;
CREATE INDEX notifications_failed ON notifications (created_at DESC, notification_id DESC) WHERE route = 'impossible';
