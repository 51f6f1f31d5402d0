-- What was decided about these trades, with what was read for it; without `now` in its inputs it was never a decision.
SELECT c.copy_order_id, c.account_id, c.follower, c.venue, c.state, c.reason, c.reduced_by, c.amount_usdc, c.shares,
       c.limit_price, c.reserve_usdc, c.carried_usdc, c.inputs::text, c.checks::text,
       coalesce(h.settings, a.settings)::text AS settings, NULL::bytea AS leader_message, m.market_id, m.category,
       m.question, c.leader, c.trade_id, c.allocation_id, c.decided_at, c.inputs -> 'now' IS NOT NULL AS made, c.user_id
  FROM copy_orders c
  JOIN unnest(%(wallets)s::text[], %(trade_ids)s::text[]) AS wanted(wallet, trade_id)
    ON c.trade_id = wanted.trade_id AND c.leader = wanted.wallet
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN allocation_history h ON h.allocation_id = c.allocation_id AND h.version = c.allocation_version
  LEFT JOIN markets m ON m.token_id = c.token_id
 ORDER BY c.leader, c.number, c.copy_order_id
