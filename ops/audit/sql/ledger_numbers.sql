-- The numbers given per role: each must stand on its topic.
SELECT wallet, leader_number, smart_number FROM trades WHERE leader_number IS NOT NULL OR smart_number IS NOT NULL
