-- What people do with their followings beside the settings: names for leaders, and stopping all of them at once.

-- What a person calls a leader; stands before the name that everybody sees.
CREATE TABLE leader_labels (
    user_id     text NOT NULL REFERENCES users,
    leader      text NOT NULL CHECK (leader ~ '^0x[0-9a-f]{40}$'),
    label       text NOT NULL CHECK (length(label) BETWEEN 1 AND 80),
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, leader)
);

-- Set where stop-all paused the following; whatever the person does with it afterwards takes it away again.
ALTER TABLE copy_trading_allocations ADD COLUMN stopped_at timestamptz;
CREATE INDEX allocations_by_user ON copy_trading_allocations (user_id, created_at DESC, allocation_id DESC);

ALTER TABLE leader_labels ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON leader_labels TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY operator ON leader_labels TO polycool_api USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON leader_labels TO polycool_api USING (user_id = (SELECT current_setting('polycool.user_id', true)));

GRANT SELECT ON leader_labels TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT, UPDATE (label, changed_at), DELETE ON leader_labels TO polycool_api;
