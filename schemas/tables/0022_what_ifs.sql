-- Questions about the past (`what_if`) and about the leader's last buy (`rehearsal`): api asks, streams answers.
CREATE TABLE what_ifs (
    what_if_id     text PRIMARY KEY,         -- I-…
    kind           text NOT NULL CHECK (kind IN ('what_if', 'rehearsal')),
    user_id        text NOT NULL REFERENCES users,
    leader         text NOT NULL CHECK (leader ~ '^0x[0-9a-f]{40}$'),
    venue          text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    allocation_id  text REFERENCES copy_trading_allocations,   -- rehearsal: of which following
    days           integer NOT NULL CHECK (days BETWEEN 0 AND 90),
    preset         text CHECK (preset IN ('careful', 'balanced')),
    settings       jsonb NOT NULL,           -- schemas.allocations.AllocationSettings
    asked_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- streams' answer; `beat_at` of a run under way is never old, or its worker is gone
    state          text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
    attempts       integer NOT NULL DEFAULT 0,
    progress       integer NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    beat_at        timestamptz,
    result         json,
    cause          text,
    ended_at       timestamptz,
    CHECK ((kind = 'rehearsal') = (allocation_id IS NOT NULL)),
    CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'done') = (result IS NOT NULL)),
    CHECK ((state = 'failed') = (cause IS NOT NULL))
);
CREATE INDEX what_ifs_open ON what_ifs (kind, asked_at) WHERE state IN ('queued', 'running');
CREATE INDEX what_ifs_by_user ON what_ifs (user_id, kind, asked_at);

ALTER TABLE what_ifs ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON what_ifs TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY operator ON what_ifs TO polycool_api USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON what_ifs TO polycool_api USING (user_id = (SELECT current_setting('polycool.user_id', true)));

GRANT SELECT ON what_ifs TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT (what_if_id, kind, user_id, leader, venue, allocation_id, days, preset, settings) ON what_ifs TO polycool_api;
GRANT DELETE ON what_ifs TO polycool_api;
GRANT UPDATE (state, attempts, progress, beat_at, result, cause, ended_at) ON what_ifs TO polycool_streams;
