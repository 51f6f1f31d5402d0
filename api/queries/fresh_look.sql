-- The newest answered look at a live account, if it is not older than that and found nothing in the way: an earlier one
-- that found nothing says no more than the one after it.
SELECT l.look_id
  FROM (SELECT look_id, wallet_ready AND withdrawal_possible AND permitted AND region_allowed AND NOT closed_only AS fine
          FROM live_looks
         WHERE account_id = %(account_id)s AND answered_at > clock_timestamp() - %(seconds)s * interval '1 second'
         ORDER BY look_id DESC
         LIMIT 1) l
 WHERE l.fine
