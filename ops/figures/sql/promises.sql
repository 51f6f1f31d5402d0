-- What must stay as it is: nothing bought twice, everything answered, nothing unknown for long.
SELECT (SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM orders WHERE side = 'BUY' AND copy_order_id IS NOT NULL
                                        GROUP BY copy_order_id HAVING count(*) > 1) AS twice)::bigint AS bought_twice,
       (SELECT count(*) FROM copy_orders
         WHERE state IN ('waiting', 'planned', 'submitting', 'unknown'))::bigint AS open_copies,
       (SELECT count(*) FROM orders WHERE state = 'unknown')::bigint AS unknown_orders,
       (SELECT extract(epoch FROM now() - min(coalesce(posted_at, signed_at)))
          FROM orders WHERE state = 'unknown') AS oldest_unknown_seconds,
       (SELECT count(*) FROM orders WHERE state IN ('signed', 'submitting', 'accepted', 'unknown', 'matched'))::bigint
           AS unsettled_orders,
       (SELECT coalesce(sum(allocations), 0) FROM leader_decisions)::bigint AS due_copies,
       (SELECT count(*) FROM copy_trading_allocations WHERE state <> 'ended')::bigint AS followings,
       (SELECT count(*) FROM notifications)::bigint AS notices,
       (SELECT count(*) FROM smart_signals)::bigint AS signals
