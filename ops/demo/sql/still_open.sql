-- What an end of the demo waits for.
SELECT (SELECT count(*) FROM trades)::bigint AS stored_trades,
       (SELECT count(*) FROM copy_orders
         WHERE state IN ('waiting', 'planned', 'submitting', 'unknown'))::bigint AS open_copies,
       (SELECT count(*) FROM orders
         WHERE state IN ('signed', 'submitting', 'accepted', 'unknown', 'matched'))::bigint AS unsettled_orders,
       (SELECT count(*) FROM outbox WHERE sent_at IS NULL)::bigint AS unsent_messages,
       (SELECT count(*) FROM lots l JOIN markets m USING (token_id)
         WHERE l.closed_at IS NULL AND m.payout IS NOT NULL)::bigint AS unpaid_lots
