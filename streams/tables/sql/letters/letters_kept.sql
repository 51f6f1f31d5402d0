-- How far the topic of dead letters is kept here, by partition.
SELECT letter_partition, max(letter_offset) FROM dead_letters GROUP BY letter_partition
