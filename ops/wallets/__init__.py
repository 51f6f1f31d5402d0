"""Lists of wallets from files, put on watch through the API."""
