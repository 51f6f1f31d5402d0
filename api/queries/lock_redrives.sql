-- Who asks for a redrive or puts letters away does it one after the other.
SELECT pg_advisory_xact_lock(7265498)
