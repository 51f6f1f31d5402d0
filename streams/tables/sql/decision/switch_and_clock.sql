-- Asked last, so that everything was read before `now`. When buying was last allowed again: none at the first start.
SELECT clock_timestamp(), stopped, nullif(changed_at, '-infinity') FROM switches WHERE name = 'buys';
