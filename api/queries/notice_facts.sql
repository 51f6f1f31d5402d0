-- All that the texts of these notices need, as it stands now; what does not apply is null.
SELECT n.notification_id, n.kind, n.body,
       coalesce(a.venue, h.venue, k.venue, n.body->>'venue') AS venue,
       coalesce(a.leader, n.body->>'leader', s.wallet) AS leader, coalesce(own.label, w.label) AS leader_name,
       m.question, m.outcome, l.lot_id AS position_id, l.shares AS held_shares, tot.realised_usdc AS following_usdc,
       (SELECT x.outcome FROM markets x WHERE x.market_id = m.market_id AND x.payout = 1 LIMIT 1) AS winner,
       coalesce(c.side, h.side) AS side, coalesce(c.reason, h.reason) AS reason,
       coalesce(c.reject_reason, h.reject_reason) AS reject_reason, c.reduced_by,
       coalesce(c.amount_usdc, h.amount_usdc) AS amount_usdc, coalesce(c.shares, h.shares) AS shares,
       coalesce(o.limit_price, c.limit_price, h.limit_price) AS limit_price,
       coalesce(c.filled_shares, h.filled_shares) AS filled_shares,
       coalesce(c.filled_usdc, h.filled_usdc) AS usdc, coalesce(c.fee_usdc, h.fee_usdc) AS fee_usdc,
       coalesce(c.realised_usdc, h.realised_usdc) AS realised_usdc, coalesce(c.attempts, h.attempts) AS attempts,
       h.decided_value AS hand_value, h.decided_limit AS hand_limit, h.state AS hand_state,
       h.reason = 'BUYS_STOPPED' AND (h.venue = 'paper' OR EXISTS (
           SELECT FROM unnest(ARRAY['buys', 'halt']) s (name)
            CROSS JOIN LATERAL (SELECT w.stopped FROM switch_history w WHERE w.name = s.name AND w.changed_at <= h.ended_at
                                 ORDER BY w.change_id DESC LIMIT 1) last WHERE last.stopped)) AS hand_everybody,
       c.inputs->'lot'->>0 AS held_before, t.price AS leader_price, o.words,
       extract(epoch FROM o.answered_at - c.traded_at)::numeric(12,3) AS delay_seconds,
       c.side = 'SELL' AND (c.inputs->>'leader_before')::numeric - t.size
           < greatest(0.01, (c.inputs->>'leader_before')::numeric * 0.001) AS flat,
       s.usdc AS signal_usdc, s.average_price AS signal_price, s.first_entry
  FROM notifications n
  LEFT JOIN copy_orders c ON c.copy_order_id = n.body->>'copy_order_id'
  LEFT JOIN manual_orders h ON h.manual_order_id = n.body->>'copy_order_id'
  LEFT JOIN smart_signals s ON s.signal_id = n.body->>'signal_id'
  LEFT JOIN markets m ON m.token_id = coalesce(n.body->>'token_id', c.token_id, h.token_id, s.token_id)
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = coalesce(n.body->>'allocation_id', c.allocation_id)
  LEFT JOIN accounts k ON k.account_id = n.body->>'account_id'
  LEFT JOIN watched_addresses w ON w.wallet = coalesce(a.leader, n.body->>'leader', s.wallet)
  LEFT JOIN leader_labels own ON own.user_id = n.user_id AND own.leader = w.wallet
  LEFT JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
  LEFT JOIN lots l ON l.allocation_id = a.allocation_id AND l.token_id = m.token_id AND l.closed_at IS NULL
  LEFT JOIN lot_totals tot ON tot.account_id = a.account_id AND tot.allocation_id = a.allocation_id
  LEFT JOIN LATERAL (
      SELECT r.words, r.answered_at, r.limit_price FROM orders r
       WHERE r.copy_order_id = c.copy_order_id OR r.manual_order_id = h.manual_order_id
       ORDER BY r.attempt DESC LIMIT 1
  ) o ON true
 WHERE n.notification_id = ANY(%(notification_ids)s)
