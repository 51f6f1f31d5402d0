-- Where the trace of a trade goes on in the trading process; rows only while traces are on (docs/decisions/0022).
CREATE TABLE trade_traces (
    wallet       text NOT NULL,
    trade_id     text NOT NULL,
    traceparent  text NOT NULL CHECK (length(traceparent) <= 60),  -- W3C, of copy_execution's span
    kept_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (wallet, trade_id)
);
CREATE INDEX trade_traces_by_age ON trade_traces (kept_at);

GRANT SELECT, INSERT, DELETE ON trade_traces TO polycool_streams;
GRANT SELECT ON trade_traces TO polycool_trading;
