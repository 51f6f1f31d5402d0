-- Whoever creates an allocation holds this row alone, so that no trade falls between. With it: whether the wallet is a
-- copy_leader now, and which versions of its roles classify has read, when (SAFETY R16).
-- For the rest of the transaction: the tables of the way grow faster than their statistics, and a plan made for an empty
-- table reads a full one from end to end; plain index scans also let go of the dead entries they meet. With that
-- settled, planning anew for each trade would only take as long as the statements themselves.
SELECT w.wallet,
       EXISTS (SELECT FROM wallet_roles r WHERE r.wallet = w.wallet AND r.role = 'copy_leader' AND r.to_at IS NULL),
       ARRAY(SELECT r.version FROM role_reads r WHERE r.wallet = w.wallet ORDER BY r.version),
       ARRAY(SELECT r.read_at FROM role_reads r WHERE r.wallet = w.wallet ORDER BY r.version),
       set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true)
FROM watched_addresses w
WHERE w.wallet = ANY(%(leaders)s::text[])
ORDER BY w.wallet
FOR SHARE OF w;
