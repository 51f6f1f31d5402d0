-- What somebody has begun and not ended: one per user, 24 h, 4 kB (UX N9).
CREATE TABLE drafts (
    user_id     text PRIMARY KEY REFERENCES users,
    flow        text NOT NULL CHECK (flow ~ '^[a-z_]{1,40}$'),
    body        jsonb NOT NULL,
    changed_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON drafts TO polycool_api
    USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON drafts TO polycool_api USING (user_id = (SELECT current_setting('polycool.user_id', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON drafts TO polycool_api;
