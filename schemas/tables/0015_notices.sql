-- Notices on their way to people (UX §3, §4, N10): what they are, who holds them, and what became of them.
-- Whoever commits a fact inserts its notice in the same transaction; the API gives it out with a lease.

-- What a kind is. A kind that is not here is a result that nobody can switch off.
CREATE TABLE notice_kinds (
    kind   text PRIMARY KEY,
    class  text NOT NULL CHECK (class IN ('safety', 'result', 'digest')),   -- which goes first
    topic  text CHECK (topic IN ('copied', 'partly', 'unfilled', 'rejected', 'checking', 'leader_exits', 'resolved',
                                 'skipped', 'too_late', 'daily_summary', 'signals'))    -- what a person can switch
);
INSERT INTO notice_kinds (kind, class, topic) VALUES
    ('copy_filled', 'result', 'copied'), ('copy_partial', 'result', 'partly'), ('copy_trying', 'result', 'partly'),
    ('copy_unfilled', 'result', 'unfilled'), ('copy_rejected', 'result', 'rejected'),
    ('copy_unknown', 'result', 'checking'), ('copy_skipped', 'result', 'skipped'),
    ('copy_expired', 'result', 'too_late'),
    ('exit_filled', 'result', 'copied'), ('exit_partial', 'result', NULL), ('exit_unfilled', 'result', NULL),
    ('exit_rejected', 'result', NULL), ('exit_skipped', 'result', NULL), ('exit_expired', 'result', NULL),
    ('hand_filled', 'result', NULL), ('hand_partial', 'result', NULL), ('hand_unfilled', 'result', NULL),
    ('hand_rejected', 'result', NULL), ('hand_skipped', 'result', NULL), ('hand_expired', 'result', NULL),
    ('leader_left_otherwise', 'result', 'leader_exits'), ('leader_moved_otherwise', 'result', 'leader_exits'),
    ('leader_trade_lost', 'result', 'leader_exits'),
    ('market_resolved', 'result', 'resolved'), ('following_over', 'result', 'resolved'),
    ('signal', 'result', 'signals'), ('burst', 'result', NULL), ('while_away', 'result', NULL),
    ('we_were_late', 'digest', 'too_late'), ('skips_of_the_day', 'digest', 'skipped'),
    ('daily_summary', 'digest', 'daily_summary'),
    ('buys_stopped', 'safety', NULL), ('buys_allowed', 'safety', NULL), ('sell_halted', 'safety', NULL),
    ('live_buys_paused', 'safety', NULL), ('late_fill', 'safety', NULL), ('reversed', 'safety', NULL),
    ('shortfall', 'safety', NULL), ('order_found', 'safety', NULL), ('external_in', 'safety', NULL),
    ('external_out', 'safety', NULL), ('following_ended', 'safety', NULL), ('live_armed', 'safety', NULL),
    ('live_disarmed', 'safety', NULL), ('day_cap_raised', 'safety', NULL), ('settings_changed', 'safety', NULL),
    ('signed_in', 'safety', NULL), ('withdrawal_address_added', 'safety', NULL), ('withdrawal_asked', 'safety', NULL),
    ('withdrawal_sent', 'safety', NULL), ('withdrawal_failed', 'safety', NULL), ('orders_unknown', 'safety', NULL),
    ('evening', 'digest', NULL);

ALTER TABLE notifications
    ADD COLUMN class text NOT NULL DEFAULT 'result' CHECK (class IN ('safety', 'result', 'digest')),
    ADD COLUMN topic text,                                -- none: always on
    ADD COLUMN revision integer NOT NULL DEFAULT 1,       -- a later state of the same event is the next
    ADD COLUMN shown_revision integer NOT NULL DEFAULT 0, -- the newest that stands in the chat
    -- Where it goes, by the person's settings: none yet; to the chat; kept for the evening; nowhere (it stays in the
    -- history); kept while the person cannot be reached; nowhere because Telegram never takes it.
    ADD COLUMN route text CHECK (route IN ('chat', 'evening', 'off', 'away', 'impossible')),
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN claimed_until timestamptz,                 -- a lease; after it anybody may claim it again
    ADD COLUMN claimed_by text,
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN sent_at timestamptz,
    ADD COLUMN telegram_message_id bigint,                -- what is edited
    ADD COLUMN merged_into bigint REFERENCES notifications,   -- the burst that says it
    ADD COLUMN fault text,                                -- Telegram's words when it was last refused
    ADD CHECK (shown_revision <= revision);

-- What was told before there was a chat is history.
UPDATE notifications SET route = 'off';

CREATE FUNCTION sort_notice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.class := 'result';
    NEW.topic := NULL;
    SELECT k.class, k.topic INTO NEW.class, NEW.topic FROM notice_kinds k WHERE k.kind = NEW.kind;
    NEW.class := coalesce(NEW.class, 'result');
    -- A sell that could not be done is never quiet (UX §1.3).
    IF NEW.body->>'side' = 'SELL' AND (NEW.kind IN ('copy_partial', 'copy_unfilled', 'copy_rejected')
            OR NEW.kind = 'copy_skipped' AND NEW.body->>'reason' IN ('MARKET_UNKNOWN', 'MARKET_CLOSED')) THEN
        NEW.topic := NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.route := NULL;
        NEW.due_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notifications_sorted BEFORE INSERT OR UPDATE OF kind, body ON notifications
    FOR EACH ROW EXECUTE FUNCTION sort_notice();

-- A copy has one notice, whatever becomes of it (UX §3).
DELETE FROM notifications n
 WHERE n.kind LIKE 'copy\_%'
   AND EXISTS (SELECT 1 FROM notifications l WHERE l.user_id = n.user_id AND l.event = n.event AND l.kind LIKE 'copy\_%'
                                               AND l.notification_id > n.notification_id);
CREATE UNIQUE INDEX notifications_of_copies ON notifications (user_id, event) WHERE kind LIKE 'copy\_%';

CREATE INDEX notifications_waiting ON notifications (class, created_at, notification_id)
    WHERE shown_revision < revision AND (route IS NULL OR route = 'chat');
CREATE INDEX notifications_kept ON notifications (user_id, route)
    WHERE shown_revision < revision AND route IN ('evening', 'away');
CREATE INDEX notifications_by_user ON notifications (user_id, notification_id DESC);
CREATE INDEX notifications_merged ON notifications (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX copy_orders_too_old ON copy_orders (ended_at) WHERE reason = 'TOO_OLD';

-- A person's evening: the day that is summed up already, in their own zone.
CREATE TABLE notice_evenings (
    user_id   text PRIMARY KEY REFERENCES users,
    day       date NOT NULL,
    until_at  timestamptz NOT NULL          -- what ended later belongs to the next evening
);

-- Followings that were paused because their person could not be reached; said on return.
CREATE TABLE unreachable_pauses (
    allocation_id  text PRIMARY KEY REFERENCES copy_trading_allocations,
    user_id        text NOT NULL REFERENCES users,
    paused_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX unreachable_pauses_by_user ON unreachable_pauses (user_id);

DO $$
DECLARE owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['notice_evenings', 'unreachable_pauses'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY operator ON %I TO polycool_api '
                       'USING ((SELECT current_setting(''polycool.operator'', true)) = ''on'')', owned);
        EXECUTE format('CREATE POLICY own ON %I TO polycool_api '
                       'USING (user_id = (SELECT current_setting(''polycool.user_id'', true)))', owned);
    END LOOP;
END $$;

GRANT SELECT ON notice_kinds TO polycool_streams, polycool_trading, polycool_api;
GRANT UPDATE (kind, body, revision) ON notifications TO polycool_trading;
GRANT UPDATE (kind, body, revision, shown_revision, route, due_at, claimed_until, claimed_by, attempts, sent_at,
              telegram_message_id, merged_into, fault, class) ON notifications TO polycool_api;
GRANT SELECT, INSERT, UPDATE ON notice_evenings TO polycool_api;
GRANT SELECT, INSERT, DELETE ON unreachable_pauses TO polycool_api;
