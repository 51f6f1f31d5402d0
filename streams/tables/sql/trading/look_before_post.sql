-- The last look, and the mark that a POST goes out, in one statement (SAFETY R11, R17; RULES §3 order of reasons).
-- HOLD: not now, but it may go later. `told_off`: orders that the caller's look at the book stops (SAFETY R2).
WITH fence AS (
    SELECT epoch FROM worker_epochs WHERE role = 'trading' AND epoch = %(epoch)s FOR SHARE
), stops AS (
    SELECT bool_or(stopped) FILTER (WHERE name = 'halt') AS halt,
           bool_or(stopped) FILTER (WHERE name = 'buys') AS buys,
           bool_or(stopped) FILTER (WHERE name = 'live') AS live
      FROM switches
), asked AS (
    SELECT DISTINCT c.leader, c.token_id, c.number
      FROM orders o JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
     WHERE o.order_hash = ANY(%(order_hashes)s) AND o.side = 'BUY'
), left_since AS MATERIALIZED (
    -- SAFETY R8: a later message leaves the leader flat in the token, or sells at least half of what he held.
    SELECT q.leader, q.token_id, q.number
      FROM asked q
     WHERE EXISTS (SELECT 1
                     FROM trades t, LATERAL (SELECT convert_from(t.leader_message, 'UTF8')::json AS said) m,
                          LATERAL (SELECT (m.said ->> 'position_before')::numeric AS held,
                                          (m.said ->> 'position_after')::numeric AS kept) p
                    WHERE t.wallet = q.leader AND t.leader_number > q.number AND t.token_id = q.token_id
                      AND t.side = 'SELL' AND t.kind <> 'undone' AND t.leader_message IS NOT NULL
                      AND (p.kept < 0.01 OR p.kept <= p.held / 1000 OR (t.kind = 'trade' AND 2 * t.size >= p.held)))
), looked AS (
    SELECT o.order_hash,
           CASE WHEN a.state = 'ended' THEN 'FOLLOWING_ENDED'
                WHEN o.side = 'BUY' AND (stops.buys OR stops.halt) THEN 'BUYS_STOPPED'
                -- As streams/trading/live_gate.py has it.
                WHEN o.side = 'BUY' AND o.venue = 'polymarket'
                     AND (stops.live OR holder.armed_at IS NULL OR holder.day_cap_usdc IS NULL
                          OR holder.venue <> o.venue OR COALESCE(a.venue, o.venue) <> o.venue) THEN 'BUYS_STOPPED'
                WHEN o.side = 'BUY' AND o.venue = 'polymarket'
                     AND EXISTS (SELECT 1 FROM account_stops s WHERE s.account_id = o.account_id AND s.over_at IS NULL)
                     THEN 'BUYS_STOPPED'
                WHEN o.side = 'BUY' AND o.venue = 'polymarket' AND today.usdc > holder.day_cap_usdc THEN 'LIVE_DAY_CAP'
                WHEN o.side = 'BUY' AND a.state <> 'active' THEN 'PAUSED'
                WHEN o.side = 'BUY' AND clock_timestamp() > COALESCE(c.deadline, h.deadline) THEN 'TOO_OLD'
                WHEN m.closed THEN 'MARKET_CLOSED'
                WHEN o.side = 'BUY' AND left_since.leader IS NOT NULL THEN 'LEADER_OUT'
                WHEN o.side = 'BUY' AND o.order_hash = ANY(%(told_off)s::text[]) THEN 'THIN_MARKET'
                WHEN o.side = 'SELL' AND stops.halt THEN 'HOLD'
                WHEN o.side = 'BUY' AND NOT %(clock_agrees)s THEN 'HOLD'
           END AS verdict
      FROM fence, stops, orders o
      LEFT JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
      LEFT JOIN exit_orders x ON x.exit_order_id = o.exit_order_id
      LEFT JOIN manual_orders h ON h.manual_order_id = o.manual_order_id
      JOIN accounts holder ON holder.account_id = o.account_id
      LEFT JOIN copy_trading_allocations a ON a.allocation_id = COALESCE(c.allocation_id, x.allocation_id)
      LEFT JOIN markets m ON m.token_id = o.token_id
      -- The account's live BUYs of the day up to this one, by hand too: what they may yet cost, or did (SAFETY R26).
      LEFT JOIN LATERAL (
           SELECT sum(CASE WHEN x.state IN ('signed', 'submitting', 'accepted', 'unknown')
                             OR (x.state = 'matched' AND x.filled_usdc = 0)
                           THEN COALESCE((SELECT cx.reserve_usdc FROM copy_orders cx
                                           WHERE cx.copy_order_id = x.copy_order_id),
                                         (SELECT hx.reserve_usdc FROM manual_orders hx
                                           WHERE hx.manual_order_id = x.manual_order_id), x.amount_usdc)
                           ELSE x.filled_usdc + x.fee_usdc END) AS usdc
             FROM orders x
            WHERE x.account_id = o.account_id AND x.venue = 'polymarket' AND x.side = 'BUY'
              AND x.signed_at >= date_trunc('day', clock_timestamp(), 'UTC')
              AND (x.posts > 0 OR (x.signed_at, x.order_hash) <= (o.signed_at, o.order_hash))
           ) today ON o.side = 'BUY' AND o.venue = 'polymarket'
      LEFT JOIN left_since
        ON left_since.leader = c.leader AND left_since.token_id = c.token_id AND left_since.number = c.number
     WHERE o.order_hash = ANY(%(order_hashes)s) AND o.state = %(from_state)s
       FOR UPDATE OF o
), gone AS (
    UPDATE orders o
       SET state = 'submitting', cause = 'posted', posts = o.posts + 1, looks = 0, worker_epoch = %(epoch)s,
           posted_at = COALESCE(o.posted_at, clock_timestamp()), last_posted_at = clock_timestamp()
      FROM looked
     WHERE looked.order_hash = o.order_hash AND looked.verdict IS NULL
    RETURNING o.order_hash
)
SELECT order_hash, verdict FROM looked
