-- What was learnt of orders that are not over: accepted, matched (its trades come), unknown, or back to signed (wait).
WITH told AS (
    SELECT * FROM unnest(%(order_hash)s::text[], %(state)s::text[], %(cause)s::text[], %(words)s::text[], %(trade_ids)s::text[])
        AS t (order_hash, state, cause, words, trade_ids)
), noted AS (
    UPDATE orders o
       SET state = told.state, cause = told.cause, words = COALESCE(told.words, o.words), answered_at = clock_timestamp(),
           venue_trade_ids = COALESCE(string_to_array(told.trade_ids, ','), o.venue_trade_ids)
      FROM told
     WHERE told.order_hash = o.order_hash AND o.state IN ('signed', 'submitting', 'unknown', 'accepted')
    RETURNING o.copy_order_id, o.manual_order_id, o.state
), by_hand AS (
    UPDATE manual_orders h
       SET state = CASE noted.state WHEN 'unknown' THEN 'unknown' ELSE 'submitting' END,
           cause = CASE noted.state WHEN 'unknown' THEN 'the exchange gave no clear answer'
                                    WHEN 'matched' THEN 'matched' WHEN 'accepted' THEN 'accepted, not matched yet'
                                    ELSE 'the exchange takes no orders now' END
      FROM noted
     WHERE noted.manual_order_id = h.manual_order_id AND h.state IN ('submitting', 'unknown')
)
UPDATE copy_orders c
   SET state = CASE noted.state WHEN 'unknown' THEN 'unknown' ELSE 'submitting' END,
       cause = CASE noted.state WHEN 'unknown' THEN 'the exchange gave no clear answer'
                                WHEN 'matched' THEN 'matched' WHEN 'accepted' THEN 'accepted, not matched yet'
                                ELSE 'the exchange takes no orders now' END
  FROM noted
 WHERE noted.copy_order_id = c.copy_order_id AND c.state IN ('submitting', 'unknown')
