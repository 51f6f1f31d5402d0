SELECT to_regclass('applied_migrations') IS NOT NULL AS kept
