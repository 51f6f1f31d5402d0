INSERT INTO database_binding (cluster_id, topic_prefix) VALUES (%(cluster_id)s, %(topic_prefix)s)
ON CONFLICT (only_row) DO NOTHING
