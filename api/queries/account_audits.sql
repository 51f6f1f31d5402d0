SELECT a.audit_id::text AS audit_id, a.account_id, a.request_id, a.outcome, a.why, a.our_cash, a.their_cash, a.differences,
       a.audited_at
  FROM account_audits a
 WHERE (%(account_id)s::text IS NULL OR a.account_id = %(account_id)s::text)
   AND (%(request_id)s::text IS NULL OR a.request_id = %(request_id)s::text)
   AND (%(at)s::timestamptz IS NULL OR (a.audited_at, a.audit_id) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY a.audited_at DESC, a.audit_id DESC
 LIMIT %(rows)s
