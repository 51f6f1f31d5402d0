INSERT INTO outbox (topic, key, value)
SELECT r.topic, r.key, decode(r.value, 'base64')
  FROM json_to_recordset(%(rows)s) AS r (topic text, key text, value text)
