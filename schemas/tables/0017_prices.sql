-- Prices of tokens (UX N4): the top of each book as trading saw it, and which of them somebody looks at now.

-- `seen_at` is when the exchange was asked: a slower look never takes the place of a younger one. Null: nobody bids or
-- offers, or there is no book. Depth is what stands within a cent of the best price.
CREATE TABLE token_prices (
    venue             text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    token_id          text NOT NULL,
    bid               numeric(22,20) CHECK (bid > 0 AND bid < 1),
    offer             numeric(22,20) CHECK (offer > 0 AND offer < 1),
    bid_depth_usdc    numeric(20,6) NOT NULL CHECK (bid_depth_usdc >= 0),
    offer_depth_usdc  numeric(20,6) NOT NULL CHECK (offer_depth_usdc >= 0),
    seen_at           timestamptz NOT NULL,
    PRIMARY KEY (venue, token_id)
) WITH (fillfactor = 70);                    -- a row changes every few seconds, and stays on its page

-- Written when a position, a market or a signal is shown; a wish is over after a minute.
CREATE TABLE price_wishes (
    venue      text NOT NULL CHECK (venue IN ('paper', 'polymarket')),
    token_id   text NOT NULL,
    wished_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (venue, token_id)
) WITH (fillfactor = 70);
CREATE INDEX price_wishes_by_time ON price_wishes (wished_at);

GRANT SELECT ON token_prices, price_wishes TO polycool_streams, polycool_trading, polycool_api;
GRANT INSERT, UPDATE ON token_prices TO polycool_trading;
GRANT INSERT, UPDATE, DELETE ON price_wishes TO polycool_api;

-- What an open lot is worth at the best bid of its own outcome, at most a minute old; resolved, at its payout; null
-- where neither is known. Whoever asks sees the lots that its scope sees.
CREATE VIEW lot_worth WITH (security_invoker = true) AS
SELECT l.lot_id, l.user_id, l.account_id, l.allocation_id, k.venue, l.token_id, l.shares, l.cost_usdc,
       CASE WHEN m.payout IS NULL THEN p.bid END AS bid,
       CASE WHEN m.payout IS NULL THEN p.seen_at END AS price_at,
       trunc(l.shares * COALESCE(m.payout, p.bid), 6) AS worth_usdc,
       trunc(l.shares * COALESCE(m.payout, p.bid), 6) - l.cost_usdc AS open_usdc
  FROM lots l
  JOIN accounts k ON k.account_id = l.account_id
  LEFT JOIN markets m ON m.token_id = l.token_id
  LEFT JOIN token_prices p ON p.venue = k.venue AND p.token_id = l.token_id
                          AND p.seen_at > clock_timestamp() - interval '60 seconds'
 WHERE l.closed_at IS NULL;
GRANT SELECT ON lot_worth TO polycool_api;
