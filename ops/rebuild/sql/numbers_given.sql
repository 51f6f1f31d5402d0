-- How far each wallet's ledgers have come, by role.
SELECT wallet, max(leader_number), max(smart_number) FROM trades GROUP BY wallet
