INSERT INTO dead_letter_state (letter_id, state, who, note, redrive_id)
VALUES (%(letter_id)s, 'redriven', %(who)s, %(note)s, %(redrive_id)s)
    ON CONFLICT (letter_id) DO UPDATE
   SET state = 'redriven', who = EXCLUDED.who, note = EXCLUDED.note, redrive_id = EXCLUDED.redrive_id,
       sent_partition = NULL, sent_offset = NULL, changed_at = clock_timestamp()
