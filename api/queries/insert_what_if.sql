INSERT INTO what_ifs (what_if_id, kind, user_id, leader, venue, allocation_id, days, preset, settings)
VALUES (%(what_if_id)s, %(kind)s, %(user_id)s, %(leader)s, %(venue)s, %(allocation_id)s, %(days)s, %(preset)s, %(settings)s)
ON CONFLICT DO NOTHING
