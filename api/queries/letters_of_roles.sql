-- Of these letters those of roles, with the wallet each is about, in the order their messages came.
SELECT d.letter_id, lower(d.key) AS wallet FROM dead_letters d
 WHERE d.letter_id = ANY(%(letters)s::bigint[]) AND d.topic = %(topic)s
 ORDER BY d.partition, d."offset"
