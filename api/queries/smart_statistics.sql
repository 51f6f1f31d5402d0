SELECT (SELECT count(*) FROM wallet_roles r WHERE r.role = 'smart_trader' AND r.to_at IS NULL) AS wallets,
       (SELECT count(*) FROM wallet_roles r JOIN wallet_facts f ON f.wallet = r.wallet
         WHERE r.role = 'smart_trader' AND r.to_at IS NULL
           AND f.last_trade_at > now() - interval '24 hours') AS active_24h,
       (SELECT count(*) FROM smart_signals s WHERE s.last_at > now() - interval '24 hours') AS signals_24h,
       (SELECT count(*) FROM smart_signals s
         WHERE s.last_at > now() - interval '24 hours' AND s.first_entry) AS first_entries_24h,
       g.graded, CASE WHEN g.graded >= 5 THEN round(g.net, 6) END AS after_24h_net_usdc,
       now() AS as_of
  FROM (SELECT count(*) AS graded, avg(net_usdc) AS net FROM signal_grades
         WHERE horizon = '24h' AND price IS NOT NULL AND due_at > now() - interval '30 days') g
