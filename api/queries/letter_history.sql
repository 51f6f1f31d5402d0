SELECT h.from_state, h.to_state, h.who, h.note, h.redrive_id, h.at
  FROM dead_letter_history h
 WHERE h.letter_id = %(letter_id)s::bigint
 ORDER BY h.change_id
