SELECT count(*) AS decisions, min(decided_at) AS earliest, max(decided_at) AS latest
  FROM shadow.decisions WHERE run = %(run)s AND decided_at >= %(since)s
