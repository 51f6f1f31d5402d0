INSERT INTO outbox (topic, key, value) VALUES ('watched_addresses', %(key)s, %(value)s)
