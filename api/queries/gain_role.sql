INSERT INTO wallet_roles (wallet, role, since_version, from_at)
VALUES (%(wallet)s, %(role)s, %(version)s, clock_timestamp())
