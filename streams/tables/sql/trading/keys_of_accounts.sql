SELECT a.account_id, a.user_id, a.venue, k.wallet, k.version, k.provider, k.wrapped_data_key, k.sealed_key, k.sealed_api,
       a.signature_type, a.wallet AS address
  FROM accounts a
  JOIN wallet_keys k ON k.account_id = a.account_id
 WHERE a.account_id = ANY(%(account_ids)s) AND a.state <> 'opening'
