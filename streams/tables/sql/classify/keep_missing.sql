INSERT INTO missing_messages (topic, partition, "offset", wallet)
SELECT * FROM unnest(%(topics)b::text[], %(partitions)b::integer[], %(offsets)b::bigint[], %(wallets)b::text[])
    ON CONFLICT (topic, partition, "offset") DO NOTHING
