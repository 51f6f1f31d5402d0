-- Whether a claim could find anything: answered from the partial index.
SELECT EXISTS (
    SELECT 1 FROM notifications
     WHERE shown_revision < revision AND (route IS NULL OR route = 'chat') AND due_at <= clock_timestamp()
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
) AS waiting
