-- Processes of ours that are connected, and whether there are tables already.
SELECT ARRAY(SELECT DISTINCT application_name FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'polycool%' ORDER BY 1),
       EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')
