-- A token that was traded through us: its exchange has heard of it.
SELECT m.token_id, m.tick FROM orders o JOIN markets m USING (token_id)
 WHERE NOT m.closed AND m.payout IS NULL ORDER BY o.signed_at DESC LIMIT 1
