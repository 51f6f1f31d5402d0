-- Compare and set: what was wrapped anew by somebody else meanwhile stays.
UPDATE wallet_keys k
   SET provider = n.provider, wrapped_data_key = n.wrapped_data_key
  FROM unnest(%(account_id)s::text[], %(provider)s::text[], %(former)s::bytea[], %(wrapped_data_key)s::bytea[])
       AS n (account_id, provider, former, wrapped_data_key)
 WHERE k.account_id = n.account_id AND k.wrapped_data_key = n.former
