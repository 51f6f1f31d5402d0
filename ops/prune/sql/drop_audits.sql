-- The oldest of them. Who asked for one stays: those rows are few and small.
WITH old AS (
    SELECT a.audit_id FROM account_audits a
     WHERE a.audited_at < clock_timestamp() - %(kept)s::interval
       AND EXISTS (SELECT FROM account_audits n WHERE n.account_id = a.account_id AND n.audit_id > a.audit_id)
     ORDER BY a.audit_id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM account_audits a USING old WHERE a.audit_id = old.audit_id RETURNING 1
)
SELECT count(*) FROM gone
