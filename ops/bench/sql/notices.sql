-- What is not said yet, and how many messages stand in chats.
SELECT count(*) FILTER (WHERE shown_revision < revision OR sent_at IS NULL) AS unsaid,
       count(*) FILTER (WHERE telegram_message_id IS NOT NULL) AS messages
  FROM notifications
