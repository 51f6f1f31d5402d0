CREATE TABLE IF NOT EXISTS applied_migrations (
    number      integer PRIMARY KEY CHECK (number > 0),
    name        text NOT NULL,
    sha256      text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
)
