-- An account's cash as the exchange should have it, since when its trades matter, what keeps it from being at rest, and a
-- mark that changes with every booking. What came from outside is at the exchange and not in our cash.
SELECT a.user_id, a.venue,
       a.cash_usdc + (SELECT COALESCE(sum(m.amount), 0) FROM external_moves m
                       WHERE m.account_id = a.account_id AND m.asset = 'USDC')
                   - (SELECT COALESCE(sum(e.usdc), 0) FROM cash_entries e
                       WHERE e.account_id = a.account_id AND e.cause = 'external') AS cash,
       COALESCE((SELECT max(u.audited_at) FROM account_audits u
                  WHERE u.account_id = a.account_id AND u.outcome = 'agrees'), a.opened_at) AS since,
       CASE WHEN EXISTS (SELECT 1 FROM orders o WHERE o.account_id = a.account_id
                            AND o.state IN ('signed', 'submitting', 'accepted', 'unknown')) THEN 'an order is open'
            WHEN EXISTS (SELECT 1 FROM orders o WHERE o.account_id = a.account_id AND o.state = 'matched')
                THEN 'a match is not settled yet'
            WHEN EXISTS (SELECT 1 FROM account_credits r WHERE r.account_id = a.account_id
                            AND NOT EXISTS (SELECT 1 FROM cash_entries e WHERE e.cause = 'credit' AND e.ref = r.credit_id))
                THEN 'a credit is not booked yet'
            WHEN EXISTS (SELECT 1 FROM lots l JOIN markets m USING (token_id) WHERE l.account_id = a.account_id
                            AND l.closed_at IS NULL AND m.payout IS NOT NULL) THEN 'a resolved lot is not paid out yet'
            WHEN EXISTS (SELECT 1 FROM redemptions r WHERE r.account_id = a.account_id AND r.ended_at IS NULL)
                THEN 'a redemption is under way'
            -- Last: what proves a withdrawal by the money asks the same, and is held by nothing but this.
            WHEN EXISTS (SELECT 1 FROM withdrawals w WHERE w.account_id = a.account_id AND w.ended_at IS NULL)
                THEN 'a withdrawal is under way'
            WHEN EXISTS (SELECT 1 FROM withdrawals w WHERE w.account_id = a.account_id
                            AND w.ended_at > clock_timestamp() - interval '1 minute') THEN 'a withdrawal has just ended'
       END AS busy,
       (SELECT count(*) || ':' || COALESCE(max(e.entry_id), 0) FROM cash_entries e WHERE e.account_id = a.account_id)
       || ' ' || (SELECT COALESCE(max(e.entry_id), 0) FROM lots l JOIN lot_entries e USING (lot_id)
                   WHERE l.account_id = a.account_id) AS mark
  FROM accounts a
 WHERE a.account_id = %(account_id)s
