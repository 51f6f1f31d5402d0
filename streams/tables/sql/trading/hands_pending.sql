-- Whether there is anything to do by hand at all: asked ten times a second.
SELECT EXISTS (SELECT 1 FROM quotes
                WHERE answered_at IS NULL AND asked_at > clock_timestamp() - %(within)s * interval '1 second')
    OR EXISTS (SELECT 1 FROM manual_orders
                WHERE state IN ('waiting', 'planned', 'submitting', 'unknown') AND state IN ('waiting', 'planned'))
