-- Which of these fills are stored.
SELECT wallet, trade_id FROM trades
 WHERE (wallet, trade_id) IN (SELECT * FROM unnest(%(wallets)s::text[], %(trade_ids)s::text[]))
