-- How the way is now. Ledgers are few and their decisions found by key; the rest is found by partial indexes.
WITH behind AS (
    SELECT l.wallet, l.last_number,
           coalesce((SELECT max(d.number) FROM leader_decisions d WHERE d.leader = l.wallet), 0) AS decided
      FROM wallet_ledgers l
     WHERE l.role = 'copy_leader'
)
SELECT (SELECT coalesce(round(greatest(extract(epoch FROM clock_timestamp() - min(t.appended_at)), 0), 3), 0)
          FROM behind b
          JOIN trades t ON t.wallet = b.wallet AND t.leader_number = b.decided + 1
         WHERE b.last_number > b.decided) AS behind_seconds,
       (SELECT count(*) FROM orders WHERE state = 'unknown') AS unknown,
       (SELECT round(extract(epoch FROM clock_timestamp() - min(coalesce(posted_at, signed_at))), 3)
          FROM orders WHERE state = 'unknown') AS oldest_unknown_seconds,
       (SELECT count(*) FROM dead_letters d
         WHERE NOT EXISTS (SELECT 1 FROM dead_letter_state s WHERE s.letter_id = d.letter_id)) AS dead_letters,
       (SELECT count(*) FROM accounts WHERE venue = 'polymarket' AND armed_at IS NOT NULL) AS armed,
       (SELECT NOT l.stopped FROM switches l WHERE l.name = 'live') AS live_allowed,
       s.stopped AS buys_stopped, CASE WHEN s.stopped THEN s.note END AS buys_note
  FROM switches s
 WHERE s.name = 'buys'
