SELECT 0::bigint AS notices_waiting, NULL::numeric AS oldest_notice_seconds
