INSERT INTO dead_letters (letter_partition, letter_offset, topic, partition, "offset", key, reason, detail, stage, size,
                          sha256, body, first_seen_at, last_seen_at, appended_at)
SELECT * FROM unnest(%(letter_partition)s::integer[], %(letter_offset)s::bigint[], %(topic)s::text[],
                     %(partition)s::integer[], %(offset)s::bigint[], %(key)s::text[], %(reason)s::text[],
                     %(detail)s::text[], %(stage)s::text[], %(size)s::bigint[], %(sha256)s::text[], %(body)s::bytea[],
                     %(first_seen_at)s::timestamptz[], %(last_seen_at)s::timestamptz[], %(appended_at)s::timestamptz[])
    ON CONFLICT (letter_partition, letter_offset) DO NOTHING
