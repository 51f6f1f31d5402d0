UPDATE sign_in_links SET used_at = now()
 WHERE link_sha256 = %(sha256)s AND used_at IS NULL AND expires_at > now()
RETURNING user_id
