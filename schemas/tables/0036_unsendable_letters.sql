-- A letter whose message cannot be had whole any more, or is larger than the broker takes: its note says what to do. The
-- message is still missing until it is put away or sent again by other means.
ALTER TABLE dead_letter_state DROP CONSTRAINT dead_letter_state_state_check,
    ADD CONSTRAINT dead_letter_state_state_check
        CHECK (state IN ('redriving', 'redriven', 'repeated', 'quarantined', 'unsendable'));

CREATE OR REPLACE FUNCTION dead_letters_keep_their_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
    IF NEW.state NOT IN ('redriving', 'unsendable') THEN
        UPDATE missing_messages m SET ended_at = clock_timestamp()
          FROM dead_letters d
         WHERE d.letter_id = NEW.letter_id AND m.ended_at IS NULL
           AND m.topic = d.topic AND m.partition = d.partition AND m."offset" = d."offset";
    END IF;
    RETURN NEW;
END $$;
