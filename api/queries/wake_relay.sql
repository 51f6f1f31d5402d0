SELECT pg_notify('polycool_outbox', '')
