-- Accounts by what is wrong with them: not opened for too long, without a key, of a kind that its wallet does not fit,
-- armed although the last look said no, and audits that could not read the exchange.
WITH last_look AS (
    SELECT DISTINCT ON (l.account_id) l.account_id, l.wallet_ready, l.permitted, l.region_allowed, l.withdrawal_possible
      FROM live_looks l JOIN accounts a USING (account_id)
     WHERE a.armed_at IS NOT NULL AND l.answered_at IS NOT NULL ORDER BY l.account_id, l.look_id DESC
), last_audit AS (
    SELECT DISTINCT ON (account_id) account_id, outcome, why FROM account_audits ORDER BY account_id, audit_id DESC
)
SELECT (SELECT count(*) FROM accounts WHERE state = 'ready'),
       ARRAY(SELECT account_id FROM accounts
              WHERE state = 'opening' AND opened_at < clock_timestamp() - make_interval(secs => %(opening_seconds)s) ORDER BY 1),
       ARRAY(SELECT a.account_id FROM accounts a LEFT JOIN wallet_keys k USING (account_id)
              WHERE a.state = 'ready' AND (k.account_id IS NULL OR a.venue = 'polymarket' AND k.sealed_api IS NULL) ORDER BY 1),
       ARRAY(SELECT ARRAY[a.account_id, a.signature_type::text, k.wallet, a.wallet]
               FROM accounts a JOIN wallet_keys k USING (account_id)
              WHERE a.state = 'ready' AND a.venue = 'polymarket' ORDER BY 1),
       ARRAY(SELECT DISTINCT provider FROM wallet_keys ORDER BY 1),
       ARRAY(SELECT ARRAY[account_id, concat_ws(', ',
                        CASE WHEN wallet_ready IS NOT TRUE THEN 'what holds its money does not stand yet' END,
                        CASE WHEN permitted IS NOT TRUE THEN 'the exchange may not take what its orders need' END,
                        CASE WHEN region_allowed IS NOT TRUE THEN 'the exchange takes no orders from here' END,
                        CASE WHEN withdrawal_possible IS NOT TRUE THEN 'nobody would send a withdrawal' END)]
               FROM last_look
              WHERE wallet_ready IS NOT TRUE OR permitted IS NOT TRUE OR region_allowed IS NOT TRUE
                 OR withdrawal_possible IS NOT TRUE ORDER BY 1),
       ARRAY(SELECT ARRAY[account_id, why] FROM last_audit WHERE outcome = 'unread' ORDER BY 1)
