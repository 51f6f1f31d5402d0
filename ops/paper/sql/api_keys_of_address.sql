SELECT api_key FROM paper.api_keys WHERE address = %(address)s ORDER BY created_at, api_key
