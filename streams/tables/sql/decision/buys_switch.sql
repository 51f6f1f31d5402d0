-- When buying was last allowed again; none at the first start.
SELECT stopped, nullif(changed_at, '-infinity') FROM switches WHERE name = 'buys';
