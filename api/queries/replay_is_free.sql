-- Whether no process works on the run: the lock is the one that process holds, taken for this transaction.
SELECT pg_try_advisory_xact_lock(hashtext('polycool replay'), hashtext(%(run)s)) AS free
