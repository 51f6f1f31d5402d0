SELECT account_id, user_id, wallet, version, provider, wrapped_data_key
  FROM wallet_keys
 WHERE provider <> %(provider)s AND account_id > %(after)s
 ORDER BY account_id
 LIMIT %(most)s
