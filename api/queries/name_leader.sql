INSERT INTO leader_labels (user_id, leader, label)
VALUES (%(user_id)s, %(leader)s, %(label)s)
ON CONFLICT (user_id, leader) DO UPDATE SET label = excluded.label, changed_at = clock_timestamp()
