SELECT cluster_id, topic_prefix FROM database_binding
