SELECT entry_id, at, cause, reference, asset, from_party, to_party, amount
  FROM paper.entries
 WHERE (from_party = %(party)s OR to_party = %(party)s) AND entry_id > %(after)s
 ORDER BY entry_id
 LIMIT %(rows)s
