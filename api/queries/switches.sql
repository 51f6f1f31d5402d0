SELECT name, stopped, who, note, CASE WHEN isfinite(changed_at) THEN changed_at END AS changed_at
  FROM switches ORDER BY name
