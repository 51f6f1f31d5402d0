WITH tokens AS (DELETE FROM api_tokens WHERE user_id = %(user_id)s),
     links AS (DELETE FROM sign_in_links WHERE user_id = %(user_id)s),
     sessions AS (DELETE FROM web_sessions WHERE user_id = %(user_id)s),
     draft AS (DELETE FROM drafts WHERE user_id = %(user_id)s)
UPDATE users
   SET label = 'deleted', telegram_id = NULL, time_zone = 'UTC', quick_amounts = DEFAULT, notice_settings = '{}',
       deleted_at = now()
 WHERE user_id = %(user_id)s
