-- A name by which pg_dump sees what this transaction sees, and how many migrations that has.
SELECT pg_export_snapshot(), (SELECT count(*) FROM applied_migrations)
