-- Which of these fills are stored, and whether as a leader's.
SELECT wallet, trade_id, leader_number IS NOT NULL FROM trades
 WHERE (wallet, trade_id) IN (SELECT * FROM unnest(%(wallets)s::text[], %(trade_ids)s::text[]))
