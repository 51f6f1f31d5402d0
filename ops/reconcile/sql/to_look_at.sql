-- What a pass would look at: orders nobody knows the end of, and accounts.
SELECT (SELECT count(*) FROM orders WHERE state IN ('submitting', 'accepted', 'unknown')
            AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)) AS orders,
       (SELECT count(*) FROM accounts WHERE state = 'ready' AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s))
           AS accounts,
       (SELECT count(DISTINCT account_id) FROM account_stops WHERE over_at IS NULL
            AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)) AS stopped,
       (SELECT beat_at > clock_timestamp() - interval '10 seconds' FROM worker_epochs WHERE role = 'trading') AS trading
