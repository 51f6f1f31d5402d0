-- How many questions somebody has asked within the hour, and in how many seconds the first of them is an hour old.
SELECT count(*) AS asked, ceil(extract(epoch FROM min(asked_at) + interval '1 hour' - clock_timestamp()))::integer AS again_in
  FROM what_ifs
 WHERE user_id = %(user_id)s AND kind = %(kind)s AND asked_at > clock_timestamp() - interval '1 hour'
