-- Orders by hand of one person, newest first: a list's page, one order, or those of quotes.
SELECT h.manual_order_id AS order_id, h.quote_id, h.venue, h.side, h.token_id, m.question, m.outcome,
       h.lot_id::text AS position_id, h.amount_usdc, h.shares, h.limit_price AS limit, h.reserve_usdc, h.state, h.reason,
       h.reject_reason, h.cause, h.decided_value, h.decided_limit,
       -- Whether the operators had stopped everybody's buys then: of switch_history the last word of each.
       h.reason = 'BUYS_STOPPED' AND (h.venue = 'paper' OR EXISTS (
           SELECT FROM unnest(ARRAY['buys', 'halt']) s (name)
            CROSS JOIN LATERAL (SELECT w.stopped FROM switch_history w WHERE w.name = s.name AND w.changed_at <= h.ended_at
                                 ORDER BY w.change_id DESC LIMIT 1) last WHERE last.stopped)) AS everybody,
       (SELECT o.words FROM orders o WHERE o.manual_order_id = h.manual_order_id ORDER BY o.attempt DESC LIMIT 1) AS words,
       h.filled_shares, h.filled_usdc AS usdc, h.fee_usdc, h.realised_usdc, h.late_fill,
       (SELECT o.order_hash FROM orders o WHERE o.manual_order_id = h.manual_order_id
         ORDER BY o.attempt DESC LIMIT 1) AS order_hash,
       EXISTS (SELECT FROM orders o WHERE o.manual_order_id = h.manual_order_id AND o.state = 'matched') AS settling,
       h.asked_at, h.ended_at
  FROM manual_orders h
  LEFT JOIN markets m ON m.token_id = h.token_id
 WHERE h.user_id = %(user_id)s
   AND (%(order_id)s::text IS NULL OR h.manual_order_id = %(order_id)s::text)
   AND (%(quote_ids)s::text[] IS NULL OR h.quote_id = ANY (%(quote_ids)s::text[]))
   AND (%(states)s::text[] IS NULL OR h.state = ANY (%(states)s::text[]))
   AND (%(venue)s::text IS NULL OR h.venue = %(venue)s::text)
   AND (%(token_id)s::text IS NULL OR h.token_id = %(token_id)s::text)
   AND (%(at)s::timestamptz IS NULL OR (h.asked_at, h.manual_order_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY h.asked_at DESC, h.manual_order_id DESC
 LIMIT %(rows)s::bigint
