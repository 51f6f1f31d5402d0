SELECT pg_try_advisory_lock(hashtext('polycool replay'), hashtext(%(run)s))
