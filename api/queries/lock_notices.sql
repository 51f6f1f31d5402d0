SELECT pg_advisory_xact_lock(hashtext('polycool_notices'))
