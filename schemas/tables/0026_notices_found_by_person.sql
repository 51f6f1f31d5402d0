-- A claim looks up, for each notice that waits, whether its chat has one under way, and a crowd by its person: neither
-- may read a person's whole history.
CREATE INDEX notifications_claimed ON notifications (user_id) WHERE claimed_until IS NOT NULL;
CREATE INDEX notifications_waiting_of ON notifications (user_id)
    WHERE shown_revision < revision AND (route IS NULL OR route = 'chat');
