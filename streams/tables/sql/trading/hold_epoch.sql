-- The share lock keeps a newer worker from beginning while this transaction writes; one that hangs in it (a stopped
-- process) is cut off by the database itself.
SELECT set_config('idle_in_transaction_session_timeout', %(hang_ms)s, true)
  FROM worker_epochs
 WHERE role = 'trading' AND epoch = %(epoch)s
   FOR SHARE
