-- What was said, without the numbers and names in it, is what letters of one cause have in common.
SELECT n.reason, n.stage, n.topic, n.words, count(*) FILTER (WHERE n.state IS NULL) AS letters, count(*) AS all,
       min(n.first_seen_at) AS first_at, max(n.last_seen_at) AS last_at, max(n.letter_id)::text AS newest
  FROM (SELECT d.reason, d.stage, d.topic, d.letter_id, d.first_seen_at, d.last_seen_at, s.state,
               left(regexp_replace(regexp_replace(d.detail, '0x[0-9a-fA-F]+(-[0-9]+)?', '…', 'g'),
                                   '[0-9]+([.,:][0-9]+)*', 'n', 'g'), 160) AS words
          FROM dead_letters d
          LEFT JOIN dead_letter_state s ON s.letter_id = d.letter_id) n
 GROUP BY n.reason, n.stage, n.topic, n.words
 ORDER BY 5 DESC, max(n.last_seen_at) DESC
 LIMIT 500
