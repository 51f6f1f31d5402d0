SELECT max(number) AS number FROM applied_migrations
