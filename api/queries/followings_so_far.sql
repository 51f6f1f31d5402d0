-- How many followings somebody has, and how many leaders that were new to them today (UTC).
SELECT count(*) FILTER (WHERE a.state <> 'ended') AS living,
       count(DISTINCT a.leader) FILTER (
           WHERE a.created_at >= date_trunc('day', now(), 'UTC')
             AND NOT EXISTS (SELECT FROM copy_trading_allocations b
                              WHERE b.user_id = a.user_id AND b.leader = a.leader
                                AND b.created_at < date_trunc('day', now(), 'UTC'))) AS new_today,
       coalesce(bool_or(a.leader = %(leader)s), false) AS known
  FROM copy_trading_allocations a
 WHERE a.user_id = %(user_id)s
