-- The next plans in the order in which they are claimed: SELLs, then by deadline (SAFETY R7), along one index.
DROP INDEX copy_orders_to_send;
CREATE INDEX copy_orders_to_send ON copy_orders ((side = 'BUY'), deadline NULLS FIRST, copy_order_id) WHERE state = 'planned';
