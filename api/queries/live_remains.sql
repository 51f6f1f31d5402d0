SELECT EXISTS (SELECT FROM accounts a WHERE a.user_id = %(user_id)s AND a.venue = 'polymarket' AND a.cash_usdc > 0) AS money,
       EXISTS (SELECT FROM lots l JOIN accounts a USING (account_id)
                WHERE l.user_id = %(user_id)s AND a.venue = 'polymarket' AND l.closed_at IS NULL)
       OR EXISTS (SELECT FROM copy_orders c WHERE c.user_id = %(user_id)s AND c.venue = 'polymarket'
                   AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
       OR EXISTS (SELECT FROM manual_orders m WHERE m.user_id = %(user_id)s AND m.venue = 'polymarket'
                   AND m.state IN ('waiting', 'planned', 'submitting', 'unknown')) AS positions
