-- What came from outside or left there without us is no difference of our books, and is named (SAFETY R38); so is what
-- was found after a restore (R19), and each live account by what its last audit said.
SELECT name FROM (
    SELECT m.account_id || ': ' || abs(m.amount) || ' ' || m.asset
               || CASE WHEN m.amount > 0 THEN ' came from outside' ELSE ' left to outside' END
               || CASE WHEN m.accepted_at IS NOT NULL THEN ', accepted' ELSE '' END AS name
      FROM external_moves m WHERE m.found_at >= %(since)s
    UNION ALL
    SELECT f.order_hash || ': found at the exchange, of ' || f.account_id FROM found_orders f
    UNION ALL
    SELECT a.account_id || ': live, ' || coalesce(last.outcome || ' at ' || to_char(last.audited_at, 'MM-DD HH24:MI'),
                                                  'never compared with the exchange')
      FROM accounts a
      LEFT JOIN LATERAL (SELECT outcome, audited_at FROM account_audits u WHERE u.account_id = a.account_id
                          ORDER BY audit_id DESC LIMIT 1) last ON true
     WHERE a.venue = 'polymarket' AND a.state = 'ready'
) named ORDER BY 1 LIMIT 20
