INSERT INTO dead_letter_state (letter_id, state, who, note)
SELECT letter_id, 'quarantined', %(who)s, %(note)s FROM unnest(%(letters)s::bigint[]) AS a(letter_id)
    ON CONFLICT (letter_id) DO UPDATE
   SET state = 'quarantined', who = EXCLUDED.who, note = EXCLUDED.note, redrive_id = NULL, sent_partition = NULL,
       sent_offset = NULL, changed_at = clock_timestamp()
