SELECT count(*) FROM accounts WHERE state <> 'ready';
