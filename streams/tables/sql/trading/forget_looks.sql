DELETE FROM live_looks WHERE asked_at < clock_timestamp() - interval '1 day'
