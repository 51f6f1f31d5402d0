-- A reorg takes a fill away once: which message undoes which (DESIGN §5 `undone`, SAFETY R10).
ALTER TABLE trades ADD COLUMN undoes text;
CREATE UNIQUE INDEX trades_undone_once ON trades (wallet, undoes) WHERE undoes IS NOT NULL;
