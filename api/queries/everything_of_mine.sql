SELECT jsonb_build_object(
       'user', (SELECT to_jsonb(u) FROM users u WHERE u.user_id = %(user_id)s),
       'accounts', (SELECT jsonb_agg(to_jsonb(a) - 'locked') FROM accounts a WHERE a.user_id = %(user_id)s),
       'cash_entries', (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.entry_id) FROM cash_entries e
                          JOIN accounts a USING (account_id) WHERE a.user_id = %(user_id)s),
       'followings', (SELECT jsonb_agg(to_jsonb(f) ORDER BY f.created_at) FROM copy_trading_allocations f
                       WHERE f.user_id = %(user_id)s),
       'following_versions', (SELECT jsonb_agg(to_jsonb(h) ORDER BY h.allocation_id, h.version) FROM allocation_history h
                                JOIN copy_trading_allocations f USING (allocation_id) WHERE f.user_id = %(user_id)s),
       'copies', (SELECT jsonb_agg(to_jsonb(c) - 'inputs' - 'checks') FROM (SELECT * FROM copy_orders
                   WHERE user_id = %(user_id)s ORDER BY appended_at DESC, copy_order_id DESC LIMIT %(most)s) c),
       'orders_by_hand', (SELECT jsonb_agg(to_jsonb(m)) FROM (SELECT * FROM manual_orders
                           WHERE user_id = %(user_id)s ORDER BY asked_at DESC LIMIT %(most)s) m),
       'positions', (SELECT jsonb_agg(to_jsonb(l)) FROM (SELECT * FROM lots
                      WHERE user_id = %(user_id)s ORDER BY opened_at DESC LIMIT %(most)s) l),
       'fills', (SELECT jsonb_agg(to_jsonb(f)) FROM (SELECT f.* FROM fills f JOIN accounts a USING (account_id)
                  WHERE a.user_id = %(user_id)s LIMIT %(most)s) f),
       'notices', (SELECT jsonb_agg(to_jsonb(n)) FROM (SELECT * FROM notifications
                    WHERE user_id = %(user_id)s ORDER BY created_at DESC LIMIT %(most)s) n),
       'api_tokens', (SELECT jsonb_agg(to_jsonb(t) - 'token_sha256') FROM api_tokens t WHERE t.user_id = %(user_id)s),
       'draft', (SELECT to_jsonb(d) FROM drafts d WHERE d.user_id = %(user_id)s))::text AS everything
