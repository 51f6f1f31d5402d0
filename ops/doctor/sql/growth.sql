-- How large the database is, how much a day adds by the copies decided in the last one (they are most of it), and its
-- largest tables.
WITH sizes AS (
    SELECT c.relname, pg_total_relation_size(c.oid) AS bytes, greatest(c.reltuples, 1) AS tuples
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'paper') AND c.relkind = 'r'
), decided AS (
    SELECT count(*) AS a_day, greatest((SELECT count(*) FROM copy_orders), 1) AS copies FROM copy_orders
     WHERE decided_at > clock_timestamp() - interval '1 day'
)
SELECT pg_database_size(current_database()),
       (SELECT ((SELECT sum(bytes) FROM sizes) * d.a_day / d.copies)::bigint FROM decided d),
       ARRAY(SELECT ARRAY[relname::text, bytes::text] FROM sizes ORDER BY bytes DESC LIMIT %(largest)s)
