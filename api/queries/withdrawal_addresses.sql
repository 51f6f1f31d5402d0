SELECT address_id, address, label, added_at, added_at + interval '24 hours' AS usable_from
  FROM withdrawal_addresses
 WHERE user_id = %(user_id)s AND removed_at IS NULL
 ORDER BY added_at, address_id
