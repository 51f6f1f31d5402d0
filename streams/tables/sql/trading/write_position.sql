-- How far the database has been written; behind what was seen before, it is another one or an older one (SAFETY R19).
SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_lsn() - '0/0'::pg_lsn END
