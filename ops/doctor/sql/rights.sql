-- Roles that go round row security, and which role may write which table. Columns that are never written, only locked by,
-- do not count as a right to write (the right to update one is the right to lock its row).
WITH ours AS (
    SELECT r.rolname, r.rolsuper OR r.rolbypassrls AS bypasses FROM pg_roles r
     WHERE r.rolname IN ('polycool_streams', 'polycool_trading', 'polycool_api')
), tables AS (
    SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
), may AS (
    SELECT o.rolname, t.relname FROM ours o CROSS JOIN tables t
     WHERE has_table_privilege(o.rolname, t.oid, 'DELETE, TRUNCATE')
        OR has_any_column_privilege(o.rolname, t.oid, 'INSERT')
        OR EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND a.attname NOT IN ('locked', 'changed_at')
                      AND has_column_privilege(o.rolname, t.oid, a.attnum, 'UPDATE'))
)
SELECT ARRAY(SELECT rolname FROM ours WHERE bypasses ORDER BY 1),
       ARRAY(SELECT ARRAY[rolname::text, relname::text] FROM may ORDER BY 1)
