SELECT stopped, who, note, changed_at FROM switch_history WHERE name = %(name)s ORDER BY change_id DESC LIMIT 20
