SELECT api_key, secret, passphrase FROM paper.api_keys WHERE address = %(address)s AND nonce = %(nonce)s
