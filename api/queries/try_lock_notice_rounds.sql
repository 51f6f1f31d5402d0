SELECT pg_try_advisory_xact_lock(hashtext('polycool_notice_rounds')) AS mine
