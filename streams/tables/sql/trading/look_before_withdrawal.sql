-- The last look before a withdrawal's bytes go out, and the mark that they do: nothing is sent under `halt`, nothing to an
-- address that was taken away. What a killed worker was sending is sent again: the chain runs its nonce once.
UPDATE withdrawals w
   SET state = 'sending', cause = 'sent', posts = posts + 1, looks = 0, last_posted_at = clock_timestamp(),
       worker_epoch = %(epoch)s
 WHERE w.withdrawal_id = %(withdrawal_id)s AND w.ended_at IS NULL AND w.body IS NOT NULL
   AND (w.expires_at IS NULL OR clock_timestamp() < w.expires_at)
   AND EXISTS (SELECT 1 FROM worker_epochs WHERE role = 'trading' AND epoch = %(epoch)s)
   AND EXISTS (SELECT 1 FROM withdrawal_addresses d WHERE d.address_id = w.address_id AND d.removed_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM switches WHERE name = 'halt' AND stopped)
RETURNING w.withdrawal_id
