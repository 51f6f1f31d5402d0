-- The paper exchange, complete: settlements that fail later, balances that lag, and the relayer's double.

-- fails_at: the settlement fails then, as conduct said; lags_until: what was bought has not arrived before.
ALTER TABLE paper.trades ADD COLUMN fails_at timestamptz, ADD COLUMN lags_until timestamptz;
CREATE INDEX trades_to_fail ON paper.trades (fails_at) WHERE fails_at IS NOT NULL AND failed_at IS NULL;
CREATE INDEX trades_lagging ON paper.trades (account, token_id) WHERE lags_until IS NOT NULL AND failed_at IS NULL;
GRANT UPDATE (fails_at) ON paper.trades TO polycool_paper;

-- A delayed order: it rests, and at due_at it is filled or killed; nobody can cancel it before.
ALTER TABLE paper.orders
    ADD COLUMN due_at timestamptz,
    ADD COLUMN due_as text CHECK (due_as IN ('fill', 'kill')),
    ADD CHECK ((due_at IS NULL) = (due_as IS NULL));
CREATE INDEX orders_due ON paper.orders (due_at) WHERE due_at IS NOT NULL AND status = 'LIVE';

-- What the relayer was given, one row per wallet and nonce; its state is worked out from the moments.
CREATE TABLE paper.relayed (
    transaction_id    uuid PRIMARY KEY,
    wallet            text NOT NULL CHECK (wallet ~ '^0x[0-9a-f]{40}$'),
    signer            text NOT NULL CHECK (signer ~ '^0x[0-9a-f]{40}$'),
    kind              text NOT NULL CHECK (kind IN ('WALLET', 'SAFE', 'PROXY', 'WALLET-CREATE')),
    nonce             bigint NOT NULL CHECK (nonce >= -1),  -- -1: the wallet's own creation
    calls             jsonb NOT NULL,
    submitted_at      timestamptz NOT NULL,
    mined_at          timestamptz NOT NULL,
    confirmed_at      timestamptz NOT NULL,
    error             text,  -- why it failed: then it moved nothing
    transaction_hash  text NOT NULL CHECK (transaction_hash ~ '^0x[0-9a-f]{64}$'),
    UNIQUE (wallet, nonce)
);

-- A token's winnings are paid out to an account once, whatever is submitted.
CREATE TABLE paper.redemptions (
    account         text NOT NULL,
    token_id        text NOT NULL REFERENCES paper.tokens,
    condition_id    text NOT NULL,
    transaction_id  uuid NOT NULL REFERENCES paper.relayed,
    shares          bigint NOT NULL CHECK (shares > 0),
    usdc            bigint NOT NULL CHECK (usdc >= 0),
    redeemed_at     timestamptz NOT NULL,
    PRIMARY KEY (account, token_id)
);
CREATE INDEX redemptions_of_transaction ON paper.redemptions (transaction_id);

ALTER TABLE paper.entries DROP CONSTRAINT entries_cause_check;
ALTER TABLE paper.entries ADD CONSTRAINT entries_cause_check
    CHECK (cause IN ('credit', 'trade', 'fee', 'payout', 'reversal', 'redemption'));

GRANT SELECT, INSERT ON paper.relayed, paper.redemptions TO polycool_paper;
