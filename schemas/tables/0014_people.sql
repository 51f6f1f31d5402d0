-- People themselves: how they want to be spoken to, who of them is an operator, and what proves who asks (DESIGN §13).
-- Tokens, links and sessions are kept as SHA-256 only: whoever reads these tables can use none of them.

ALTER TABLE users
    ADD COLUMN language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr')),
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 60),
    ADD COLUMN quick_amounts numeric(20,6)[] NOT NULL DEFAULT '{5,25}' CHECK (cardinality(quick_amounts) BETWEEN 1 AND 4),
    ADD COLUMN version integer NOT NULL DEFAULT 1,                  -- of the three above: their ETag
    ADD COLUMN notice_settings jsonb NOT NULL DEFAULT '{}',         -- schemas.me_views.NoticeSettings
    ADD COLUMN notice_version integer NOT NULL DEFAULT 1,
    ADD COLUMN unreachable_at timestamptz,                          -- has blocked the bot since
    ADD COLUMN deleted_at timestamptz,
    ADD CHECK (deleted_at IS NULL OR telegram_id IS NULL);

-- Who may look at the operators' pages with their own token, and stop; written by the command `polycool operators`.
CREATE TABLE operators (
    user_id   text PRIMARY KEY REFERENCES users,
    added_at  timestamptz NOT NULL DEFAULT now(),
    added_by  text NOT NULL
);

CREATE TABLE api_tokens (
    token_id      text PRIMARY KEY,          -- T-…
    user_id       text NOT NULL REFERENCES users,
    label         text NOT NULL CHECK (length(label) BETWEEN 1 AND 80),
    scope         text NOT NULL CHECK (scope IN ('read', 'write')),
    token_sha256  bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

-- A way from the chat to the web page: good once, 60 s.
CREATE TABLE sign_in_links (
    link_sha256  bytea PRIMARY KEY CHECK (length(link_sha256) = 32),
    user_id      text NOT NULL REFERENCES users,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);

CREATE TABLE web_sessions (
    session_sha256  bytea PRIMARY KEY CHECK (length(session_sha256) = 32),
    session_id      text NOT NULL UNIQUE,    -- what it is called; opens nothing
    user_id         text NOT NULL REFERENCES users,
    began_at        timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX web_sessions_by_user ON web_sessions (user_id);

-- Minted tokens that were given back before their end.
CREATE TABLE revoked_tokens (
    token_id    text PRIMARY KEY,
    user_id     text NOT NULL REFERENCES users,
    expires_at  timestamptz NOT NULL
);

DO $$
DECLARE owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['operators', 'api_tokens', 'sign_in_links', 'web_sessions', 'revoked_tokens'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY operator ON %I TO polycool_api '
                       'USING ((SELECT current_setting(''polycool.operator'', true)) = ''on'')', owned);
        EXECUTE format('CREATE POLICY own ON %I TO polycool_api '
                       'USING (user_id = (SELECT current_setting(''polycool.user_id'', true)))', owned);
    END LOOP;
END $$;

-- Streams and trading need none of it.
GRANT SELECT ON operators TO polycool_api;
GRANT SELECT, INSERT, DELETE ON api_tokens, sign_in_links, web_sessions, revoked_tokens TO polycool_api;
GRANT UPDATE (last_used_at) ON api_tokens TO polycool_api;
GRANT UPDATE (used_at) ON sign_in_links TO polycool_api;
GRANT UPDATE (telegram_id, language, time_zone, quick_amounts, version, notice_settings, notice_version, unreachable_at,
              deleted_at) ON users TO polycool_api;
