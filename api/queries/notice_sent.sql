-- It stands in the chat as of this revision; a later one is still to be shown, by an edit.
UPDATE notifications
   SET shown_revision = greatest(shown_revision, least(revision, %(revision)s)),
       telegram_message_id = coalesce(%(telegram_message_id)s, telegram_message_id),
       sent_at = coalesce(sent_at, clock_timestamp()), claimed_until = NULL, fault = NULL
 WHERE notification_id = %(notification_id)s
