SELECT r.begun_at, r.done_at, r.orders,
       (SELECT COALESCE(json_agg(json_build_object('account_id', a.account_id, 'outcome', a.outcome, 'why', a.why,
                                                   'our_cash', a.our_cash::text, 'their_cash', a.their_cash::text,
                                                   'differences', a.differences) ORDER BY a.audit_id), '[]')
          FROM account_audits a WHERE a.request_id = r.request_id) AS accounts
  FROM audit_requests r
 WHERE r.request_id = %(request_id)s
