-- Tokens that the way knows, and leaders whose worth it knows.
SELECT (SELECT count(*) FROM markets)::bigint AS tokens, (SELECT count(DISTINCT wallet) FROM leader_values)::bigint AS leaders
