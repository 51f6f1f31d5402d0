DELETE FROM leader_labels WHERE user_id = %(user_id)s AND leader = %(leader)s
