DELETE FROM paper.api_keys WHERE api_key = %(api_key)s
