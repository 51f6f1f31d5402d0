-- Whether this trade was decided for all followers: the row comes with the last of them.
SELECT 1 FROM leader_decisions WHERE leader = %(leader)s AND trade_id = %(trade_id)s
