-- The last look before a redemption's bytes go out, and the mark that they do: nothing is sent under `halt`. What a
-- killed worker was sending is sent again: the chain runs its nonce once.
UPDATE redemptions
   SET state = 'submitting', cause = 'sent', posts = posts + 1, looks = 0, last_posted_at = clock_timestamp(),
       worker_epoch = %(epoch)s
 WHERE redemption_id = %(redemption_id)s AND state IN ('signed', 'submitting', 'unknown')
   AND EXISTS (SELECT 1 FROM worker_epochs WHERE role = 'trading' AND epoch = %(epoch)s)
   AND NOT EXISTS (SELECT 1 FROM switches WHERE name = 'halt' AND stopped)
RETURNING redemption_id
