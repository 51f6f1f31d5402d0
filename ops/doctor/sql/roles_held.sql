-- Each watched wallet with the version of its row, the roles it holds, and whether a value of it waits to be sent.
SELECT w.wallet, w.version,
       ARRAY(SELECT r.role FROM wallet_roles r WHERE r.wallet = w.wallet AND r.to_at IS NULL ORDER BY 1),
       EXISTS (SELECT FROM outbox o WHERE o.topic = 'watched_addresses' AND o.key = w.wallet AND o.sent_at IS NULL)
  FROM watched_addresses w
