-- How many copy orders these trades could place now: a BUY that is young enough, of each following that is active; a
-- SELL of each lot that was opened by a BUY traded no later, or that a BUY among them could still open (SAFETY R18).
SELECT coalesce(sum(f.followings), 0)::integer AS orders
  FROM unnest(%(wallets)s::text[], %(trade_ids)s::text[], %(sides)s::text[], %(token_ids)s::text[],
              %(traded_at)s::timestamptz[]) AS t(wallet, trade_id, side, token_id, traded_at)
 CROSS JOIN LATERAL (
       SELECT count(*) AS followings
         FROM copy_trading_allocations c
        WHERE c.leader = t.wallet AND c.state <> 'ended'
          AND NOT EXISTS (SELECT 1 FROM copy_orders o
                           WHERE o.trade_id = t.trade_id AND o.allocation_id = c.allocation_id)
          AND (t.traded_at > now() - (c.settings->>'max_age_seconds')::numeric * interval '1 second'
               OR (t.side = 'SELL'
                   AND EXISTS (SELECT 1 FROM lots l
                                WHERE l.allocation_id = c.allocation_id AND l.token_id = t.token_id
                                  AND l.closed_at IS NULL AND l.opened_traded_at <= t.traded_at)))) f
