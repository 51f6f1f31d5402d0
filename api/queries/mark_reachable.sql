WITH away AS (
    SELECT user_id, unreachable_at FROM users WHERE user_id = %(user_id)s AND unreachable_at IS NOT NULL FOR UPDATE
)
UPDATE users u SET unreachable_at = NULL FROM away WHERE u.user_id = away.user_id
RETURNING away.unreachable_at
