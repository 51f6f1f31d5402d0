-- A leader who buys more than 600 times within a minute (SAFETY R27): his BUYs are counted by their own times, and those
-- over the limit wait here, off the way of the other leaders, until they are answered for all followers at once.
CREATE INDEX leader_decisions_buys ON leader_decisions (leader, traded_at) WHERE kind = 'trade' AND side = 'BUY';

CREATE TABLE flooded_buys (
    leader     text NOT NULL,
    number     bigint NOT NULL,
    trade_id   text NOT NULL,
    traded_at  timestamptz NOT NULL,
    buys       integer NOT NULL,             -- BUYs of the leader within a minute, this one among them
    most       integer NOT NULL CHECK (buys > most),
    message    bytea NOT NULL,               -- as it came from the topic
    noted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (leader, number)
);
CREATE INDEX flooded_buys_by_time ON flooded_buys (leader, traded_at);
CREATE INDEX flooded_buys_oldest ON flooded_buys (noted_at);

GRANT SELECT ON flooded_buys TO polycool_streams, polycool_trading, polycool_api;
-- UPDATE of one column that is never written: the right to lock the row.
GRANT INSERT, UPDATE (noted_at), DELETE ON flooded_buys TO polycool_streams;
