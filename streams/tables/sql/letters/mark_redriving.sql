INSERT INTO dead_letter_state (letter_id, state, who, note, redrive_id)
SELECT letter_id, 'redriving', %(who)s, '', %(redrive_id)s FROM unnest(%(letters)s::bigint[]) AS a(letter_id)
    ON CONFLICT (letter_id) DO UPDATE
   SET state = 'redriving', who = EXCLUDED.who, note = '', redrive_id = EXCLUDED.redrive_id, sent_partition = NULL,
       sent_offset = NULL, changed_at = clock_timestamp()
