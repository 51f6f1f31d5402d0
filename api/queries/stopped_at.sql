SELECT changed_at, note
  FROM switch_history
 WHERE name = 'buys' AND stopped AND changed_at <= %(at)s
 ORDER BY change_id DESC
 LIMIT 1
