-- The newest answered look at a live account, if it is not older than that and found nothing in the way.
SELECT look_id
  FROM live_looks
 WHERE account_id = %(account_id)s AND answered_at > clock_timestamp() - %(seconds)s * interval '1 second'
   AND wallet_ready AND withdrawal_possible AND permitted AND region_allowed AND NOT closed_only
 ORDER BY look_id DESC
 LIMIT 1
