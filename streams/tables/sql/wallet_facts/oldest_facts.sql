-- Those whose facts are the oldest, and old enough.
SELECT f.wallet
  FROM wallet_facts f
 WHERE f.computed_at < clock_timestamp() - make_interval(secs => %(seconds)s::float8)
   AND f.wallet <> ALL(%(aside)s::text[])
 ORDER BY f.computed_at
 LIMIT %(most)s
