-- Accounts whose audit is due: none that told anything since tonight's hour, or BUYs that stand still until one agrees.
-- An account that was busy comes again after a while.
SELECT a.account_id
  FROM accounts a
  LEFT JOIN LATERAL (SELECT max(u.audited_at) AS tried_at,
                            max(u.audited_at) FILTER (WHERE u.outcome NOT IN ('busy', 'unread')) AS told_at
                       FROM account_audits u WHERE u.account_id = a.account_id) last ON true
 WHERE a.state = 'ready' AND a.venue = ANY(%(venues)s)
   AND COALESCE(last.tried_at < clock_timestamp() - %(again)s * interval '1 second', true)
   AND ((a.opened_at < %(since)s AND COALESCE(last.told_at < %(since)s, true))
        OR EXISTS (SELECT 1 FROM account_stops s WHERE s.account_id = a.account_id AND s.over_at IS NULL
                      AND s.cause NOT IN ('external', 'found', 'refusals', 'closed_only')))
 ORDER BY last.tried_at NULLS FIRST, a.account_id
 LIMIT %(most)s
