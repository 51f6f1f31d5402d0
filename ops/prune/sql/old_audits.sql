-- Audits of accounts, but the newest of each.
SELECT count(*), extract(epoch FROM clock_timestamp() - %(kept)s::interval - min(a.audited_at)) / 86400
  FROM account_audits a
 WHERE a.audited_at < clock_timestamp() - %(kept)s::interval
   AND EXISTS (SELECT FROM account_audits n WHERE n.account_id = a.account_id AND n.audit_id > a.audit_id)
