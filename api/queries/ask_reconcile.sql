INSERT INTO audit_requests (request_id, account_id, asked_by)
VALUES (%(request_id)s, %(account_id)s, %(asked_by)s)
