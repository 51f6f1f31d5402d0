UPDATE users
   SET language = coalesce(%(language)s, language), time_zone = coalesce(%(time_zone)s, time_zone),
       quick_amounts = coalesce(%(quick_amounts)s::numeric[], quick_amounts), version = version + 1
 WHERE user_id = %(user_id)s AND version = coalesce(%(version)s::integer, version)
