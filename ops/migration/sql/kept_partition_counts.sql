SELECT topic, partitions FROM topic_partitions ORDER BY topic
