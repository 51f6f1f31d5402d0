SELECT i.what_if_id, i.kind, i.leader, coalesce(n.label, w.label) AS leader_label, i.venue, i.allocation_id, i.days, i.preset,
       i.settings, i.state, i.progress, i.result, i.cause, i.most_seconds, i.asked_at
  FROM what_ifs i
  LEFT JOIN watched_addresses w ON w.wallet = i.leader
  LEFT JOIN leader_labels n ON n.user_id = i.user_id AND n.leader = i.leader
 WHERE i.what_if_id = %(what_if_id)s AND i.user_id = %(user_id)s
