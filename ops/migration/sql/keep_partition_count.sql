INSERT INTO topic_partitions (topic, partitions) VALUES (%(topic)s, %(partitions)s) ON CONFLICT (topic) DO NOTHING
