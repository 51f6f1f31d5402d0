-- The last live BUYs of the account that the exchange answered, all refused for what lies in the account: its BUYs stop,
-- its owner is told. What was refused before a stop was lifted counts no more.
WITH holder AS (
    SELECT a.account_id, a.user_id,
           COALESCE((SELECT max(s.over_at) FROM account_stops s WHERE s.account_id = a.account_id AND s.cause = 'refusals'),
                    '-infinity') AS lifted_at
      FROM accounts a
     WHERE a.account_id = %(account_id)s
       AND NOT EXISTS (SELECT 1 FROM account_stops s
                        WHERE s.account_id = a.account_id AND s.cause = 'refusals' AND s.over_at IS NULL)
), recent AS (
    SELECT c.copy_order_id, c.reject_reason, c.ended_at
      FROM holder h JOIN copy_orders c ON c.user_id = h.user_id AND c.account_id = h.account_id
     WHERE c.side = 'BUY' AND c.state IN ('filled', 'partial', 'unfilled', 'rejected') AND c.ended_at > h.lifted_at
     ORDER BY c.appended_at DESC, c.copy_order_id DESC
     LIMIT %(most)s
), last_one AS (
    SELECT copy_order_id, reject_reason FROM recent ORDER BY ended_at DESC LIMIT 1
), stopped AS (
    INSERT INTO account_stops (account_id, cause, ref)
    SELECT h.account_id, 'refusals', l.copy_order_id
      FROM holder h, last_one l
     WHERE (SELECT count(*) FROM recent WHERE reject_reason = ANY(%(own)s)) >= %(most)s
    ON CONFLICT (account_id, cause, ref) DO NOTHING
    RETURNING account_id, ref
)
INSERT INTO notifications (user_id, kind, event, body)
SELECT h.user_id, 'live_buys_paused', s.ref,
       jsonb_build_object('account_id', s.account_id, 'copy_order_id', s.ref, 'reject_reason', l.reject_reason,
                          'refusals', %(most)s::integer)
  FROM stopped s JOIN holder h USING (account_id), last_one l
ON CONFLICT (user_id, kind, event) DO NOTHING
RETURNING user_id
