-- The last look, and the mark that a POST goes out, in one statement (SAFETY R11, R17; RULES §3 order of reasons).
-- HOLD: not now, but it may go later.
WITH fence AS (
    SELECT epoch FROM worker_epochs WHERE role = 'trading' AND epoch = %(epoch)s FOR SHARE
), stops AS (
    SELECT bool_or(stopped) FILTER (WHERE name = 'halt') AS halt,
           bool_or(stopped) FILTER (WHERE name = 'buys') AS buys,
           bool_or(stopped) FILTER (WHERE name = 'live') AS live
      FROM switches
), looked AS (
    SELECT o.order_hash,
           CASE WHEN a.state = 'ended' THEN 'FOLLOWING_ENDED'
                WHEN o.side = 'BUY' AND (stops.buys OR stops.halt) THEN 'BUYS_STOPPED'
                WHEN o.side = 'BUY' AND o.venue = 'polymarket' AND (stops.live OR holder.armed_at IS NULL)
                     THEN 'BUYS_STOPPED'
                WHEN o.side = 'BUY' AND a.state <> 'active' THEN 'PAUSED'
                WHEN o.side = 'BUY' AND clock_timestamp() > c.deadline THEN 'TOO_OLD'
                WHEN m.closed THEN 'MARKET_CLOSED'
                WHEN o.side = 'SELL' AND stops.halt THEN 'HOLD'
                WHEN o.side = 'BUY' AND NOT %(clock_agrees)s THEN 'HOLD'
           END AS verdict
      FROM fence, stops, orders o
      JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
      JOIN accounts holder ON holder.account_id = o.account_id
      LEFT JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
      LEFT JOIN markets m ON m.token_id = o.token_id
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
