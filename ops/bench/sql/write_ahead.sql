-- A transaction that writes a few bytes to the log and waits for the disk.
SELECT pg_logical_emit_message(true, 'bench', 'x');
