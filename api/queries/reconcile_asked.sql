SELECT r.request_id, r.account_id, r.asked_by, r.asked_at, r.begun_at, r.done_at
  FROM audit_requests r
 WHERE r.request_id = %(request_id)s
