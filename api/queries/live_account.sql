SELECT a.account_id, a.user_id, a.state, a.wallet, a.signature_type, a.armed_at, a.day_cap_usdc, a.next_day_cap_usdc,
       a.next_day_cap_from, a.cash_usdc,
       (SELECT coalesce(sum(t.cost_usdc), 0) FROM lot_totals t WHERE t.account_id = a.account_id) AS at_work_usdc
  FROM accounts a
 WHERE a.user_id = %(user_id)s AND a.venue = 'polymarket'
