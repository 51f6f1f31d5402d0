-- For the rest of the transaction: the tables of the way grow faster than their statistics, and a plan made for an empty
-- table reads a full one from end to end; plain index scans also let go of the dead entries they meet. With that
-- settled, planning anew for each trade would only take as long as the statements themselves.
SELECT a.allocation_id, a.leader, a.user_id, a.account_id, a.venue, a.state, a.version, a.role_version, a.active_from,
       a.buys_from,
       ARRAY(SELECT r.version FROM role_reads r WHERE r.wallet = a.leader ORDER BY r.version),
       ARRAY(SELECT r.read_at FROM role_reads r WHERE r.wallet = a.leader ORDER BY r.version),
       set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true)
FROM copy_trading_allocations a
WHERE a.allocation_id = %(allocation_id)s
FOR NO KEY UPDATE OF a;
