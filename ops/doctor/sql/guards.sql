-- The server's version, and every guard that is switched off: triggers, and row security beside its policies.
SELECT current_setting('server_version_num')::integer,
       ARRAY(SELECT format('the trigger %s of %s is off', t.tgname, c.relname)
               FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = 'public' AND NOT t.tgisinternal AND t.tgenabled IN ('D', 'R')
             UNION ALL
             SELECT format('row security of %s is off', c.relname)
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = 'public' AND NOT c.relrowsecurity
                AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
             ORDER BY 1)
