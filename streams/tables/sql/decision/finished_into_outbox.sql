COPY outbox (topic, key, value) FROM STDIN;
