INSERT INTO withdrawal_addresses (address_id, user_id, address, label)
VALUES (%(address_id)s, %(user_id)s, %(address)s, %(label)s)
ON CONFLICT DO NOTHING
