SELECT number, name, sha256 FROM applied_migrations ORDER BY number
