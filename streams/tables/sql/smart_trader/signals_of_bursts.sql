SELECT d.wallet, d.token_id, d.burst_started_at, sum(d.usdc), sum(d.shares), count(*)::integer,
       min(d.traded_at), max(d.traded_at), bool_or(d.result <> 'none')
  FROM smart_decisions d
  JOIN unnest(%(wallets)b::text[], %(token_ids)b::text[], %(started)b::timestamptz[])
       AS a(wallet, token_id, burst_started_at)
    ON d.wallet = a.wallet AND d.token_id = a.token_id AND d.burst_started_at = a.burst_started_at
 WHERE d.shares > 0
 GROUP BY d.wallet, d.token_id, d.burst_started_at
