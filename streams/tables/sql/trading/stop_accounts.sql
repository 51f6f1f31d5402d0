-- Live BUYs of these accounts stop until their audit agrees.
INSERT INTO account_stops (account_id, cause, ref)
SELECT r.account_id, r.cause, r.ref FROM json_to_recordset(%(rows)s) AS r (account_id text, cause text, ref text)
ON CONFLICT (account_id, cause, ref) DO NOTHING
