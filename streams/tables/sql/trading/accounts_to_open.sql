SELECT a.account_id, a.user_id, a.venue, k.wallet, k.version, k.provider, k.wrapped_data_key, k.sealed_key, k.sealed_api,
       a.signature_type, a.wallet AS address
  FROM accounts a
  LEFT JOIN wallet_keys k ON k.account_id = a.account_id
 WHERE a.state = 'opening' AND a.venue = ANY(%(venues)s)
 ORDER BY a.opened_at, a.account_id
 LIMIT %(most)s
