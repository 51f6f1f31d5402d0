-- What the operators' console asks by time. These tables only grow, in the order of their times, so the ranges of their
-- pages tell enough: a few kilobytes of index, next to nothing for each row that is written.
CREATE INDEX trades_by_classified ON trades USING brin (classified_at) WITH (pages_per_range = 16);
CREATE INDEX leader_decisions_by_time ON leader_decisions USING brin (decided_at) WITH (pages_per_range = 16);
CREATE INDEX smart_decisions_by_time ON smart_decisions USING brin (decided_at) WITH (pages_per_range = 16);
CREATE INDEX orders_by_signed ON orders USING brin (signed_at) WITH (pages_per_range = 16);

-- The console shows since when which version runs.
GRANT SELECT ON applied_migrations TO polycool_api;
