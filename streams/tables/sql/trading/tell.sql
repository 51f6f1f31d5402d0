SELECT pg_notify('polycool_ended', ''), pg_notify('polycool_outbox', '')
