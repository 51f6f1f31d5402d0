-- For each of these orders (BUYs) the SELLs of its following and token that were decided since its trade, and what is on
-- sale now (SAFETY R6); of BUYs posted so many seconds ago or more. Those that never looked at the lot lowered nothing.
SELECT o.order_hash, s.copy_order_id, s.limit_price, t.size, t.price, (s.inputs ->> 'leader_before')::numeric,
       (SELECT COALESCE(sum(n.shares - n.filled_shares), 0) FROM copy_orders n
         WHERE n.allocation_id = b.allocation_id AND n.token_id = b.token_id AND n.side = 'SELL'
           AND n.state IN ('planned', 'submitting', 'unknown'))
       + (SELECT COALESCE(sum(x.shares - x.filled_shares), 0) FROM exit_orders x
           WHERE x.allocation_id = b.allocation_id AND x.token_id = b.token_id AND x.state IN ('planned', 'submitting'))
       + (SELECT COALESCE(sum(h.shares - h.filled_shares), 0) FROM manual_orders h
           WHERE h.allocation_id = b.allocation_id AND h.token_id = b.token_id AND h.side = 'SELL'
             AND h.state IN ('planned', 'submitting', 'unknown')),
       a.settings
  FROM orders o
  JOIN copy_orders b ON b.copy_order_id = o.copy_order_id
  JOIN copy_orders s ON s.allocation_id = b.allocation_id AND s.token_id = b.token_id AND s.side = 'SELL'
   AND s.number > b.number AND s.state <> 'waiting'
  JOIN trades t ON t.wallet = s.leader AND t.trade_id = s.trade_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = b.allocation_id
 WHERE o.order_hash = ANY(%(order_hashes)s) AND o.side = 'BUY' AND o.posted_at <= clock_timestamp() - %(seconds)s * interval '1 second'
   AND s.inputs ->> 'leader_before' IS NOT NULL
   AND COALESCE(s.reason, '') NOT IN ('OWN_WALLET', 'BEFORE_FOLLOWING', 'SOURCE', 'SELLS_OFF')
 ORDER BY o.order_hash, s.number
