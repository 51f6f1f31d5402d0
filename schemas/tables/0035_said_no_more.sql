-- A shadow run also keeps what was said of a message then and is said no more.
ALTER TABLE shadow.messages DROP CONSTRAINT messages_was_check,
    ADD CONSTRAINT messages_was_check CHECK (was IN ('same', 'other', 'nothing', 'gone'));
