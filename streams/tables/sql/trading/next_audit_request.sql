-- The oldest audit somebody asked for, begun now. Begun once: whoever asked asks again when its worker ended over it.
UPDATE audit_requests r
   SET begun_at = clock_timestamp()
 WHERE r.request_id = (SELECT request_id FROM audit_requests WHERE begun_at IS NULL AND done_at IS NULL
                        ORDER BY asked_at, request_id LIMIT 1)
RETURNING r.request_id, r.account_id, r.accept, r.allow_buys
