SELECT withdrawal_id, account_id FROM withdrawals WHERE state = 'asked' ORDER BY asked_at LIMIT %(most)s
