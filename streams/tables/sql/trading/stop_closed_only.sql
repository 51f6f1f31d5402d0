-- A look found that the exchange lets an armed account only sell: its live BUYs stop at once, its owner is told once. The
-- caller holds the account's lock, so a second look finds the stop.
WITH stopped AS (
    INSERT INTO account_stops (account_id, cause, ref)
    SELECT a.account_id, 'closed_only', 'look:' || %(look_id)s::text
      FROM accounts a
     WHERE a.account_id = %(account_id)s AND a.armed_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM account_stops s
                        WHERE s.account_id = a.account_id AND s.cause = 'closed_only' AND s.over_at IS NULL)
    ON CONFLICT (account_id, cause, ref) DO NOTHING
    RETURNING account_id, ref
), told AS (
    INSERT INTO notifications (user_id, kind, event, body)
    SELECT a.user_id, 'live_buys_paused', s.ref, jsonb_build_object('account_id', s.account_id, 'cause', 'closed_only')
      FROM stopped s JOIN accounts a USING (account_id)
    ON CONFLICT (user_id, kind, event) DO NOTHING
)
SELECT account_id FROM stopped
