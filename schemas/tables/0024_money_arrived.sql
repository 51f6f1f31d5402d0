-- Money that arrived and whose owner looked for it is booked, and said so.
INSERT INTO notice_kinds (kind, class, topic) VALUES ('money_arrived', 'safety', NULL) ON CONFLICT DO NOTHING;
