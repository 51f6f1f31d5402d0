SELECT max(c.asked_at) + interval '24 hours' AS credit_from
  FROM account_credits c
  JOIN accounts a USING (account_id)
 WHERE c.account_id = %(account_id)s AND c.asked_at > a.opened_at AND c.asked_at > now() - interval '24 hours'
