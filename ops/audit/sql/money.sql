-- Promise 8: our books = the venue's to the micro-unit, for accounts at rest; every cash and lot sum adds up.
WITH busy AS (
    SELECT account_id FROM copy_orders WHERE state IN ('submitting', 'unknown')
    UNION SELECT account_id FROM orders WHERE state IN ('signed', 'submitting', 'accepted', 'unknown')
    UNION SELECT l.account_id FROM lots l JOIN markets m USING (token_id) WHERE l.closed_at IS NULL AND m.payout IS NOT NULL
), resting AS (
    SELECT * FROM accounts WHERE venue = 'paper' AND state = 'ready' AND account_id NOT IN (SELECT account_id FROM busy)
), outside AS (
    -- What came from outside and was not accepted, what left without a lot of ours: rows of its own (SAFETY R38).
    SELECT account_id, asset, sum(amount) AS amount
      FROM (SELECT account_id, asset, amount FROM external_moves
            UNION ALL SELECT account_id, 'USDC', -usdc FROM cash_entries WHERE cause = 'external'
            UNION ALL SELECT l.account_id, l.token_id, -e.shares FROM lots l JOIN lot_entries e USING (lot_id)
             WHERE e.cause = 'external') moved
     GROUP BY account_id, asset
), cash AS (
    SELECT r.account_id AS name FROM resting r
      LEFT JOIN paper.balances b ON b.party = r.wallet AND b.asset = 'USDC'
      LEFT JOIN outside x ON x.account_id = r.account_id AND x.asset = 'USDC'
     WHERE r.cash_usdc + coalesce(x.amount, 0) <> coalesce(b.amount, 0) / 1000000.0
), ours AS (
    SELECT r.wallet, l.token_id AS asset, sum(l.shares) AS shares
      FROM resting r JOIN lots l USING (account_id) GROUP BY r.wallet, l.token_id
), theirs AS (
    SELECT r.wallet, b.asset, b.amount / 1000000.0 AS shares
      FROM resting r JOIN paper.balances b ON b.party = r.wallet AND b.asset <> 'USDC'
), written_off AS (
    -- Dust is closed in our books and stays at the venue (RULES §1).
    SELECT r.wallet, l.token_id AS asset, sum(-e.shares) AS shares
      FROM resting r JOIN lots l USING (account_id) JOIN lot_entries e USING (lot_id)
     WHERE e.cause = 'dust' GROUP BY r.wallet, l.token_id
), apart AS (
    SELECT r.wallet, x.asset, x.amount AS shares FROM resting r JOIN outside x USING (account_id)
     WHERE x.asset <> 'USDC' AND x.amount <> 0
), lacking AS (
    SELECT r.wallet, s.token_id AS asset, -sum(s.shares) AS shares FROM resting r JOIN shortfalls s USING (account_id)
     WHERE s.settled_at IS NULL GROUP BY r.wallet, s.token_id
), shares AS (
    SELECT wallet || ' ' || asset AS name
      FROM ours FULL JOIN theirs t USING (wallet, asset) LEFT JOIN written_off w USING (wallet, asset)
      LEFT JOIN apart a USING (wallet, asset) LEFT JOIN lacking k USING (wallet, asset)
     WHERE coalesce(ours.shares, 0) + coalesce(w.shares, 0) + coalesce(a.shares, 0) + coalesce(k.shares, 0) <> coalesce(t.shares, 0)
       AND NOT EXISTS (SELECT 1 FROM paper.tokens p WHERE p.token_id = asset AND p.resolved_at IS NOT NULL)
), sums AS (
    SELECT a.account_id AS name FROM accounts a
      LEFT JOIN (SELECT account_id, sum(usdc) AS usdc FROM cash_entries GROUP BY account_id) e USING (account_id)
     WHERE a.cash_usdc <> coalesce(e.usdc, 0)
), lot_sums AS (
    SELECT 'lot ' || l.lot_id AS name FROM lots l
      LEFT JOIN (SELECT lot_id, sum(shares) AS shares, sum(realised_usdc) AS realised FROM lot_entries GROUP BY lot_id) e
          USING (lot_id)
     WHERE l.shares <> coalesce(e.shares, 0) OR l.realised_usdc <> coalesce(e.realised, 0)
), venue AS (
    SELECT asset AS name FROM paper.balances GROUP BY asset HAVING sum(amount) <> 0
), broken AS (
    SELECT name, 'our cash is not the venue''s' AS why FROM cash
    UNION ALL SELECT name, 'our shares are not the venue''s' FROM shares
    UNION ALL SELECT name, 'cash is not the sum of its entries' FROM sums
    UNION ALL SELECT name, 'a lot is not the sum of its entries' FROM lot_sums
    UNION ALL SELECT name, 'the venue''s ledger does not sum to zero' FROM venue
)
SELECT jsonb_build_object('accounts', (SELECT count(*) FROM accounts WHERE venue = 'paper' AND state = 'ready'),
                          'at_rest', (SELECT count(*) FROM resting),
                          'fills', (SELECT count(*) FROM fills)) AS counted,
       (SELECT count(*) FROM broken) AS broken,
       ARRAY(SELECT name || ': ' || why FROM broken ORDER BY 1 LIMIT 20) AS names
